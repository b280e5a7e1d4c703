"""A batch in the farm's ledger and in the gateway's book: two counts of one thing, made apart, that agree."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.batch import BatchActivities
from activities.model import ModelActivities
from contracts.agents import Kit
from contracts.batches import BatchOrder, BatchProgress, BatchRef, BatchWish
from contracts.calls import CallSite, ModelCall
from gateway.calls.batches import VendorBatches
from ops.cost.counts import look
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from tests.integration.gateway.accounts import Accounts

pytestmark = [pytest.mark.stack, pytest.mark.slow]


async def learnt(db: Database, accounts: Accounts, numbers: int) -> None:
    """So many runs' learning, asked for, submitted and read."""
    env, vendor = ActivityEnvironment(), VendorBatches(accounts.client)
    batch = BatchActivities(db, ModelActivities(db, accounts.client), vendor)
    kit = Kit(prompts={"learn": await Blobs(db).put("You learn.")})
    for number in range(numbers):
        site = CallSite(run=f"{accounts.agent}:deal:{number}/run-1", step="learn-1")
        await Kits(db).record(site.run, kit, {})
        call = ModelCall(site=site, role="insight", prompt="learn", say=f"The report of deal {number}.")
        await env.run(batch.ask_by_batch, BatchWish(call=call, told="x"))
    token = f"t{accounts.agent[-8:]}"
    await env.run(batch.submit_batch, BatchOrder(agent=accounts.agent, token=token, most=100))
    for _ in range(40):
        progress: BatchProgress = await env.run(batch.collect_batch, BatchRef(agent=accounts.agent, token=token))
        if progress.over:
            return
        await asyncio.sleep(0.3)
    raise AssertionError("the batch isn't over in 12 s")


async def test_ledger_and_book_agree_on_a_batch(accounts: Accounts, tmp_path: Path) -> None:
    """In calls and in money; and each of its calls is known to both by one name."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await db.migrate()
    try:
        await learnt(db, accounts, 3)
        await accounts.calls(at_least=4)
        found = await look(db, accounts.book, datetime.now(UTC).date())
        assert [each for each in found.differences if each.agent == accounts.agent] == []
        assert [each for each in found.only_the_proxy if each.agent == accounts.agent] == []
        assert (found.batched_calls, found.ledger_calls) == (3, 3)
        assert found.batched_usd > 0
    finally:
        await db.close()
