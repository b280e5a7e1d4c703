import asyncio

import pytest

from store.database import Database
from store.effects import Begun, Effects
from store.errors import UnknownEffect
from tests.unit.store.samples import tool_call, tool_reply


async def test_of_many_who_begin_one_effect_one_may_do_it(store_url: str) -> None:
    """However many processes, workers and retries there are."""
    databases = [Database(store_url) for _ in range(3)]
    begun = await asyncio.gather(*(Effects(db).begin("k", tool_call()) for db in databases for _ in range(5)))
    assert sorted(one.state for one in begun) == ["new"] + ["pending"] * 14
    for db in databases:
        await db.close()


async def test_an_effect_that_was_done_gives_its_reply_again(db: Database) -> None:
    """And isn't done twice."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).finish("k", tool_reply())
    assert await Effects(db).begin("k", tool_call()) == Begun("done", tool_reply())


async def test_an_effect_that_failed_may_be_begun_again_by_one(db: Database) -> None:
    """It is known not to have happened."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).fail("k", "refused: 403")
    begun = await asyncio.gather(*(Effects(db).begin("k", tool_call()) for _ in range(5)))
    assert sorted(one.state for one in begun) == ["new"] + ["pending"] * 4


async def test_an_effect_in_doubt_is_never_new_again(db: Database) -> None:
    """A person has to say."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).in_doubt("k", "the mail server hung up")
    assert (await Effects(db).begin("k", tool_call())).state == "pending"


async def test_an_effect_in_doubt_can_be_settled(db: Database) -> None:
    """When somebody found out that it was done."""
    await Effects(db).begin("k", tool_call())
    await Effects(db).in_doubt("k")
    await Effects(db).finish("k", tool_reply())
    assert (await Effects(db).begin("k", tool_call())).state == "done"


async def test_different_effects_do_not_meet(db: Database) -> None:
    """A key is one effect."""
    assert (await Effects(db).begin("k", tool_call())).state == "new"
    assert (await Effects(db).begin("l", tool_call())).state == "new"


async def test_settling_what_was_never_begun_is_an_error(db: Database) -> None:
    """It would hide a bug: an effect done without being written first."""
    with pytest.raises(UnknownEffect, match="effect 'k' can't become done: it was never begun"):
        await Effects(db).finish("k", tool_reply())
