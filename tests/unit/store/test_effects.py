import asyncio

import pytest

from contracts.calls import ToolCall
from store.database import Database
from store.effects import Begun, Effects, Ending, Standing
from store.errors import UnknownEffect
from tests.unit.store.samples import tool_call, tool_reply

DONE = Ending("done")
DOUBT = Ending("in_doubt", reason="the mail server hung up")


def failed(attempt: int) -> Ending:
    return Ending("failed", attempt=attempt, reason="refused: 403")


def again(approval: str) -> ToolCall:
    return tool_call().model_copy(update={"again": approval})


async def test_of_many_who_begin_one_effect_one_may_do_it(store_url: str) -> None:
    """However many processes, workers and retries there are."""
    databases = [Database(store_url) for _ in range(3)]
    begun = await asyncio.gather(*(Effects(db).begin("k", tool_call()) for db in databases for _ in range(5)))
    assert sorted(one.state for one in begun) == ["new"] + ["pending"] * 14
    assert sorted(one.attempt for one in begun) == list(range(1, 16))
    for db in databases:
        await db.close()


async def test_an_effect_that_was_done_gives_its_reply_again(db: Database) -> None:
    """And isn't done twice."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", DONE, tool_reply())
    assert await Effects(db).begin("k", tool_call()) == Begun("done", 1, tool_reply())


async def test_an_effect_that_failed_may_be_begun_again_by_one(db: Database) -> None:
    """It is known not to have happened."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", failed(1))
    begun = await asyncio.gather(*(Effects(db).begin("k", tool_call()) for _ in range(5)))
    assert sorted(one.state for one in begun) == ["new"] + ["pending"] * 4


async def test_an_attempt_cannot_speak_for_a_later_one(db: Database) -> None:
    """A worker that was taken for dead says late that its call was refused; by then another may have done it."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", failed(1))
    assert (await Effects(db).begin("k", tool_call())).state == "pending"


@pytest.mark.parametrize("late", [failed(1), DOUBT, Ending("skipped")], ids=["failed", "in_doubt", "skipped"])
async def test_nothing_takes_back_what_was_done(db: Database, late: Ending) -> None:
    """Whoever comes late with less knowledge."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", DONE, tool_reply())
    await Effects(db).settle("k", late, tool_reply(preview="not so"))
    assert (await Effects(db).begin("k", tool_call())).reply == tool_reply()


async def test_an_effect_in_doubt_is_never_new_again(db: Database) -> None:
    """A person has to say."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", DOUBT)
    assert (await Effects(db).begin("k", tool_call())).state == "pending"


async def test_an_effect_in_doubt_can_be_settled(db: Database) -> None:
    """When somebody found out that it was done."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", DOUBT)
    await Effects(db).settle("k", DONE, tool_reply())
    assert (await Effects(db).begin("k", tool_call())).state == "done"


async def test_a_persons_word_allows_one_attempt(db: Database) -> None:
    """However often it is delivered; an interrupted repetition wants another word."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", DOUBT)
    begun = await asyncio.gather(*(Effects(db).begin("k", again("a1")) for _ in range(5)))
    assert sorted(one.state for one in begun) == ["new"] + ["pending"] * 4
    assert (await Effects(db).begin("k", again("a2"))).state == "new"
    assert (await Effects(db).begin("k", again("a1"))).state == "pending"


async def test_an_effect_that_was_skipped_stays_so(db: Database) -> None:
    """What the person said is the answer from then on."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).settle("k", Ending("skipped", by="claire"), tool_reply(preview="left"))
    assert await Effects(db).begin("k", tool_call()) == Begun("done", 1, tool_reply(preview="left"))


async def test_what_did_not_happen_is_taken_over_by_the_latest(db: Database) -> None:
    """Of two attempts that hear that nothing has happened yet, one acts."""
    first, second = [await Effects(db).begin("k", tool_call()) for _ in range(2)]
    assert not await Effects(db).take_over("k", first.attempt)
    assert await Effects(db).take_over("k", second.attempt)


@pytest.mark.parametrize(
    ("ending", "standing"),
    [
        (None, Standing("in_doubt")),
        (DOUBT, Standing("in_doubt")),
        (failed(1), Standing("failed")),
        (DONE, Standing("done", tool_reply())),
    ],
    ids=["pending", "in_doubt", "failed", "done"],
)
async def test_giving_up_leaves_in_doubt_what_nobody_settled(
    db: Database, ending: Ending | None, standing: Standing
) -> None:
    """And tells what was settled, which the one who gives up may not have heard."""
    await Effects(db).begin("k", tool_call())
    if ending:
        await Effects(db).settle("k", ending, tool_reply())
    assert await Effects(db).give_up("k", "a day has passed") == standing


async def test_giving_up_what_was_never_begun(db: Database) -> None:
    """No worker ever took it: nothing can have happened."""
    assert await Effects(db).give_up("k", "a day has passed") == Standing("absent")


async def test_different_effects_do_not_meet(db: Database) -> None:
    """A key is one effect."""
    assert (await Effects(db).begin("k", tool_call())).state == "new"
    assert (await Effects(db).begin("l", tool_call())).state == "new"


async def test_settling_what_was_never_begun_is_an_error(db: Database) -> None:
    """It would hide a bug: an effect done without being written first."""
    with pytest.raises(UnknownEffect, match="effect 'k' can't become done: it was never begun"):
        await Effects(db).settle("k", DONE, tool_reply())
