"""Deals whose runs learn by batch: the sales agent and its collector on a server that skips time."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.api.testservice.v1 import UnlockTimeSkippingRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names
from contracts.agents import Batching, Debounce
from contracts.batches import CollectorState, CollectorStatus
from contracts.calls import CallSite
from contracts.events import EntityRef
from contracts.workflows import EntityState
from tests.fakes import FakeFarm
from tests.workflow.conftest import Deal, started, until
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import ACT, LEARNT, REPORT
from workers.workflow_code import agent_workflows, sandbox
from workflows.batch.collector import FarmCollector

HOW = Batching(quiet=timedelta(minutes=2), longest=timedelta(minutes=15), most=100)
AT_ONCE = Debounce(quiet=timedelta(seconds=1), longest=timedelta(seconds=2))


def learning(runs: int, **more: Any) -> FakeFarm:
    """A farm in which so many runs act, report and learn, and what is learnt may wait."""
    farm = FakeFarm({"triage": [ACT] * runs, "orchestrator": [REPORT] * runs, "insight": [LEARNT] * runs, **more})
    farm.batched = ("triage", "insight")
    return farm


@dataclass
class Gathering:
    """The agent's collector, and the deals that a test opens beside it."""

    env: WorkflowEnvironment
    farm: FakeFarm
    queue: str
    open_ones: set[str] = field(default_factory=set)
    """Deals that haven't learnt yet, as far as was looked."""

    @property
    def collector(self) -> WorkflowHandle[Any, Any]:
        return self.env.client.get_workflow_handle(names.collector_id("sales"))

    async def collect(self, how: Batching = HOW) -> None:
        await self.env.client.start_workflow(
            names.COLLECTOR, CollectorState(agent="sales", batching=how), id=self.collector.id, task_queue=self.queue
        )

    async def run(self, deal: str) -> Deal:
        """One run of a deal, to its end; without skipping time."""
        state = EntityState(agent="sales", entity=EntityRef(kind="deal", id=deal), debounce=AT_ONCE)
        opened = await started(self.env, state, self.queue)
        await opened.tell(deal_event(1, deal=deal, stage_id=4))
        await opened.sleep(seconds=3)
        await opened.ended_by_itself(1)
        await self.asked(deal)
        self.open_ones.add(deal)
        return opened

    async def asked(self, deal: str) -> None:
        """Until the run's request is in the store, and the collector told of it."""

        async def has() -> bool | None:
            return site(deal) in self.farm.batches.states or None

        await until(has, f"deal {deal} did not ask for a batch")

    def later(self, deal: str) -> WorkflowHandle[Any, Any]:
        """What the run goes on with."""
        return self.env.client.get_workflow_handle(names.later_part_id(site(deal).run, "learn"))

    async def learnt(self, *deals: str) -> None:
        """Until these have learnt, without skipping time."""

        async def all_ended() -> bool | None:
            found = [(await self.later(deal).describe()).status for deal in deals]
            return all(each == WorkflowExecutionStatus.COMPLETED for each in found) or None

        await until(all_ended, "not all have learnt")

    async def status(self) -> CollectorStatus:
        found: CollectorStatus = await self.collector.query(names.STATUS, result_type=CollectorStatus)
        return found

    async def sleep(self, **span: float) -> None:
        """Skip so much time. The test server holds time for an open child, and forgets to let it go when the child
        ends after its parent: so it is told.
        """
        sleeping = asyncio.create_task(self.env.sleep(timedelta(**span)))
        while not sleeping.done():
            await asyncio.wait([sleeping], timeout=0.1)
            for deal in tuple(self.open_ones):
                if (await self.later(deal).describe()).status != WorkflowExecutionStatus.RUNNING:
                    self.open_ones.remove(deal)
                    await self.env.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())
        await sleeping


def site(deal: str) -> CallSite:
    return CallSite(run=f"sales:deal:{deal}/run-1", step="learn-1")


@asynccontextmanager
async def gathering(env: WorkflowEnvironment, farm: FakeFarm, how: Batching | None = HOW) -> AsyncIterator[Gathering]:
    """With a collector that gathers so, or with none."""
    queue = f"test-{uuid.uuid4()}"
    worker = Worker(
        env.client,
        task_queue=queue,
        workflows=[*agent_workflows("sales"), FarmCollector],
        activities=farm.activities,
        workflow_runner=sandbox(strict=True),
    )
    async with worker:
        its = Gathering(env, farm, queue)
        if how is not None:
            await its.collect(how)
        yield its
