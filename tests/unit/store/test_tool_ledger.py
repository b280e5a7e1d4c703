import asyncio
from datetime import timedelta

import pytest

from store.database import Database
from store.errors import UnknownEffect
from store.tool_ledger import Begun, ToolLedger

NO_LEASE = timedelta(0)


async def test_of_many_who_claim_one_key_one_carries_it_out(db: Database) -> None:
    """A repeated request finds the first."""
    begun = await asyncio.gather(*(ToolLedger(db).begin("crm", "k") for _ in range(10)))
    assert sorted(one.state for one in begun) == ["busy"] * 9 + ["new"]


async def test_a_finished_key_gives_its_result(db: Database) -> None:
    """An empty result too."""
    await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).finish("crm", "k", {})
    assert await ToolLedger(db).begin("crm", "k") == Begun("done", result={})


async def test_two_servers_keep_their_keys_apart(db: Database) -> None:
    """A key is a server's own."""
    await ToolLedger(db).begin("crm", "k")
    assert (await ToolLedger(db).begin("slack", "k")).state == "new"


async def test_a_released_key_may_be_claimed_again(db: Database) -> None:
    """What was refused before it was sent didn't happen."""
    begun = await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).release("crm", "k", begun.holder)
    assert (await ToolLedger(db).begin("crm", "k")).state == "new"


async def test_a_finished_key_cannot_be_released(db: Database) -> None:
    """What happened stays on record."""
    begun = await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).finish("crm", "k", {"id": 7})
    await ToolLedger(db).release("crm", "k", begun.holder)
    assert (await ToolLedger(db).begin("crm", "k")).state == "done"


async def test_of_many_who_find_a_dead_holders_key_one_takes_it_over(db: Database) -> None:
    """Its lease is over: one is told to look, the others that somebody is at it."""
    await ToolLedger(db, NO_LEASE).begin("crm", "k")
    begun = await asyncio.gather(*(ToolLedger(db).begin("crm", "k") for _ in range(10)))
    assert sorted(one.state for one in begun) == ["busy"] * 9 + ["pending"]


async def test_a_key_that_is_left_may_be_taken_at_once(db: Database) -> None:
    """Who stops in doubt says so, and the next needn't wait for the lease's end."""
    begun = await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).leave("crm", "k", begun.holder)
    assert (await ToolLedger(db).begin("crm", "k")).state == "pending"


async def test_a_sign_of_life_keeps_a_key(db: Database) -> None:
    """A renewed lease runs from its renewal."""
    begun = await ToolLedger(db, NO_LEASE).begin("crm", "k")
    assert await ToolLedger(db).renew("crm", "k", begun.holder)
    assert (await ToolLedger(db).begin("crm", "k")).state == "busy"


async def test_who_was_taken_for_dead_holds_nothing(db: Database) -> None:
    """Its sign of life is refused, and it can't give back what is another's."""
    late = await ToolLedger(db, NO_LEASE).begin("crm", "k")
    await ToolLedger(db).begin("crm", "k")
    assert not await ToolLedger(db).renew("crm", "k", late.holder)
    await ToolLedger(db).release("crm", "k", late.holder)
    await ToolLedger(db).leave("crm", "k", late.holder)
    assert (await ToolLedger(db).begin("crm", "k")).state == "busy"


async def test_finishing_what_was_never_begun_is_an_error(db: Database) -> None:
    """Written ahead, or not at all."""
    with pytest.raises(UnknownEffect, match="effect 'k' of 'crm'"):
        await ToolLedger(db).finish("crm", "k", {})
