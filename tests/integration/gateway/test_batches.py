"""Batches through the real proxy's pass-through, to the stand-in vendor, which takes two seconds for one."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.batch import BatchActivities
from activities.model import ModelActivities
from contracts.agents import Kit
from contracts.batches import BatchOrder, BatchProgress, BatchRef, BatchWish
from contracts.calls import CallSite, ModelCall
from gateway.calls.batches import VendorBatches
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.model_calls import ModelCalls
from tests.integration.model_gateway import ModelGateway
from tests.integration.processes import PYTHON, ROOT

pytestmark = pytest.mark.stack

SCHEMA = '{"type": "object", "properties": {"facts": {"type": "array", "items": {"type": "string"}}}}'
REF = BatchRef(agent="sales", token="t1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[tuple[Database, str]]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}"
    db = Database(url)
    await db.migrate()
    yield db, url
    await db.close()


class Desk:
    """A worker's activities, whose clock can be put forward."""

    def __init__(self, db: Database, gateway: Gateway) -> None:
        self.db, self.ahead = db, timedelta()
        self.model, self.vendor = ModelActivities(db, gateway), VendorBatches(gateway)
        self.batch = BatchActivities(db, self.model, self.vendor, lambda: datetime.now(UTC) + self.ahead)

    async def ask(self, *numbers: int) -> None:
        prompt, schema = await Blobs(self.db).put("You learn."), await Blobs(self.db).put(SCHEMA)
        for number in numbers:
            call = _call(number)
            await Kits(self.db).record(call.site.run, Kit(prompts={"learn": prompt}, schemas={"Insights": schema}), {})
            await ActivityEnvironment().run(self.batch.ask_by_batch, BatchWish(call=call, told="x"))

    async def submit(self) -> BatchProgress:
        return await ActivityEnvironment().run(self.batch.submit_batch, BatchOrder(agent="sales", token="t1", most=100))

    async def collect(self) -> BatchProgress:
        return await ActivityEnvironment().run(self.batch.collect_batch, REF)

    async def over(self) -> BatchProgress:
        """Looked at until the vendor is through with it."""
        for _ in range(40):
            if (progress := await self.collect()).over:
                return progress
            await asyncio.sleep(0.3)
        raise AssertionError("the batch isn't over in 12 s")

    async def cost_usd(self, number: int) -> float | None:
        rows = await ModelCalls(self.db).of_run(_call(number).site.run)
        return float(rows[0].cost_usd) if rows else None


def _call(number: int, step: str = "learn-1") -> ModelCall:
    site = CallSite(run=f"sales:deal:{number}/run-1", step=step)
    return ModelCall(site=site, role="insight", prompt="learn", answer="Insights", say=f"The report of deal {number}.")


@pytest.fixture
def desk(store: tuple[Database, str], gateway: Gateway) -> Desk:
    return Desk(store[0], gateway)


async def test_the_gateway_tells_which_roles_go_by_batch(gateway: Gateway) -> None:
    """By its own list of models, with the price of a token in a batch."""
    hosted = await VendorBatches(gateway).hosted()
    assert {"triage", "orchestrator", "insight"} <= hosted.keys()
    assert hosted["insight"].model == "claude-haiku-5-5"
    assert hosted["insight"].input > 0


async def test_a_batch_costs_half_of_single_calls(desk: Desk) -> None:
    """The same request, in a batch and by itself, both through the proxy: the ledger has half the price for the one."""
    await desk.ask(1, 2)
    submitted = await desk.submit()
    assert submitted.vendor_id.startswith("msgbatch_")
    assert not (await desk.collect()).over
    assert len((await desk.over()).waiters) == 2
    alone = await ActivityEnvironment().run(desk.model.call_model, _call(1, "by-itself-1"))
    in_batch = await desk.cost_usd(1)
    # The breakpoints of a single call cost it nothing here: so short a prompt isn't cached.
    assert in_batch == pytest.approx(alone.cost_usd / 2, rel=0.02)


async def test_what_has_no_answer_goes_by_itself(desk: Desk, proxy: ModelGateway) -> None:
    """One request expires and one errs at the vendor; the third is answered."""
    await desk.ask(1, 2, 3)
    proxy.fault(mode="expire", where="in-batch", times=1)
    proxy.fault(mode="fail", where="in-batch", status=500, times=1)
    await desk.submit()
    assert len((await desk.over()).waiters) == 3
    costs = [await desk.cost_usd(number) for number in (1, 2, 3)]
    assert sorted(cost is None for cost in costs) == [False, True, True]


async def test_a_stranger_has_no_batches(proxy: ModelGateway) -> None:
    """The pass-through asks for a key as everything else does."""
    gateway = Gateway(proxy.url, "sk-wrong")
    with pytest.raises(GatewayError) as caught:
        await VendorBatches(gateway).create("t1", {"a": {}})
    assert caught.value.failure.status == 401
    await gateway.close()


async def test_a_submission_that_was_answered_with_an_error_is_found(desk: Desk, proxy: ModelGateway) -> None:
    """The vendor took it in and said 500: its list tells, and nothing is sent twice."""
    await desk.ask(1)
    proxy.fault(mode="fail", where="after-batch", status=500, times=1)
    with pytest.raises(Exception, match="500"):
        await desk.submit()
    await asyncio.sleep(2.5)
    await _found_and_read(desk)


async def test_a_worker_killed_between_yes_and_note_sends_nothing_twice(
    desk: Desk, store: tuple[Database, str], proxy: ModelGateway
) -> None:
    """kill -9 of a real process; another one finds its batch by the names of its requests."""
    await desk.ask(1, 2)
    argv = [PYTHON, "-m", "tests.integration.gateway.dying", store[1], proxy.url, proxy.key]
    died = await asyncio.to_thread(subprocess.run, argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (await desk.collect()).vendor_id == ""
    await asyncio.sleep(2.5)
    await _found_and_read(desk)
    assert await desk.cost_usd(2) is not None


async def _found_and_read(desk: Desk) -> None:
    """Six minutes later, by the desk's clock: the vendor's list has as many batches as before."""
    this_minute = datetime.now(UTC) - timedelta(minutes=1)
    before = [each.id for each in await desk.vendor.since(this_minute)]
    desk.ahead = timedelta(minutes=6)
    found = await desk.collect()
    assert found.vendor_id == before[0]
    assert (await desk.over()).over
    assert [each.id for each in await desk.vendor.since(this_minute)] == before
    assert await desk.cost_usd(1) is not None
