from contracts.agents import Kit, ToolNature
from store.database import Database
from store.kits import Kits, RecordedKit, enter
from tests.unit.store.samples import RUN, minutes

KIT = Kit(prompts={"triage": "a" * 64}, tools={"crm__get_deal": ToolNature(read_only=True)}, toolset="b" * 64)


async def test_a_kit_comes_back_with_its_job(db: Database) -> None:
    """A fork in a month works with the words of then."""
    await Kits(db).record(RUN, KIT, {"number": 1})
    assert await Kits(db).of_run(RUN) == RecordedKit(kit=KIT, job={"number": 1})


async def test_the_last_kit_stands(db: Database) -> None:
    """One prepared again, after a crash, is the one that the run works with; whoever was given up comes too late."""
    for kit, asked in ((Kit(prompts={}), 1), (KIT, 3), (Kit(prompts={}), 2)):
        async with db.session() as session:
            await enter(session, RUN, kit, {}, minutes(asked))
    found = await Kits(db).of_run(RUN)
    assert found is not None
    assert found.kit == KIT


async def test_a_run_of_before_has_none(db: Database) -> None:
    """It is for the caller to fall back on today's."""
    assert await Kits(db).of_run(RUN) is None
