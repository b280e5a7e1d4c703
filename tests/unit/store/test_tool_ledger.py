import asyncio

import pytest

from store.database import Database
from store.errors import UnknownEffect
from store.tool_ledger import Begun, ToolLedger


async def test_of_many_who_claim_one_key_one_carries_it_out(db: Database) -> None:
    """A repeated request finds the first."""
    begun = await asyncio.gather(*(ToolLedger(db).begin("crm", "k") for _ in range(10)))
    assert sorted(one.state for one in begun) == ["new"] + ["pending"] * 9


async def test_a_finished_key_gives_its_result(db: Database) -> None:
    """An empty result too."""
    await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).finish("crm", "k", {})
    assert await ToolLedger(db).begin("crm", "k") == Begun("done", {})


async def test_two_servers_keep_their_keys_apart(db: Database) -> None:
    """A key is a server's own."""
    await ToolLedger(db).begin("crm", "k")
    assert (await ToolLedger(db).begin("slack", "k")).state == "new"


async def test_a_released_key_may_be_claimed_again(db: Database) -> None:
    """What was refused before it was sent didn't happen."""
    await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).release("crm", "k")
    assert (await ToolLedger(db).begin("crm", "k")).state == "new"


async def test_a_finished_key_cannot_be_released(db: Database) -> None:
    """What happened stays on record."""
    await ToolLedger(db).begin("crm", "k")
    await ToolLedger(db).finish("crm", "k", {"id": 7})
    await ToolLedger(db).release("crm", "k")
    assert (await ToolLedger(db).begin("crm", "k")).state == "done"


async def test_finishing_what_was_never_begun_is_an_error(db: Database) -> None:
    """Written ahead, or not at all."""
    with pytest.raises(UnknownEffect, match="effect 'k' of 'crm'"):
        await ToolLedger(db).finish("crm", "k", {})
