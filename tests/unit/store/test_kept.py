from store.database import Database
from store.kept import Keeping
from tests.unit.store.samples import RUN


async def test_a_run_is_kept_in_a_set_once(db: Database) -> None:
    """Keeping is idempotent, and a run may stand in several sets."""
    for name in ("evals", "evals", "board"):
        await Keeping(db).keep(RUN, name)
    assert [(kept.name, kept.run) for kept in await Keeping(db).all()] == [("board", RUN), ("evals", RUN)]


async def test_a_run_is_let_go_of_one_set(db: Database) -> None:
    """The other sets keep it, and the second time there is nothing to let go."""
    await Keeping(db).keep(RUN, "evals")
    await Keeping(db).keep(RUN, "board")
    assert [await Keeping(db).let_go(RUN, "evals"), await Keeping(db).let_go(RUN, "evals")] == [True, False]
    assert [kept.name for kept in await Keeping(db).all()] == ["board"]
