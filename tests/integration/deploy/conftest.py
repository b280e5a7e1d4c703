"""A real server, and workers of the toy agent in as many versions as a test wants."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names, search_attributes
from contracts.approvals import Decision, Verdict
from contracts.calls import ModelReply
from contracts.converter import data_converter
from contracts.events import EntityRef, Event
from contracts.workflows import EntityState
from ops import deploying
from ops.deployments import described
from ops.places import ROOT
from tests.batch_desk import BatchDesk
from tests.integration.deploy.toy import TOY, Book, RunV1, RunV2, ToyDeal
from tests.unit.workers.environment import WHOLE
from workers.pool import Parts, build
from workers.settings import WorkerSettings
from workflows.batch.collector import FarmCollector

# By default a version is said to be drained only after minutes, and a task waits 40 ms before it is handed out.
QUICK = (
    'matching.wv.VersionDrainageStatusVisibilityGracePeriod="3s"',
    'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
    *(f"history.{queue}ProcessorMaxPollRPS=1000" for queue in ("transfer", "timer", "visibility")),
)
PATIENCE_S = 60
CODE = {"": RunV1, "v1": RunV1, "v2": RunV2}


@dataclass
class Farm:
    """The toy agent's farm on one server."""

    client: Client
    book: Book = field(default_factory=Book)
    desk: BatchDesk = field(default_factory=lambda: BatchDesk(lambda _: ModelReply(head="h")))

    def workers(self, build_id: str) -> Worker:
        """The pool's worker of a build, made as a process makes it."""
        activities = (self.book.next_run, self.book.record_run, *self.desk.all)
        return build(self.client, TOY, Parts((ToyDeal, CODE[build_id], FarmCollector), activities), settings(build_id))

    async def promote(self, build_id: str) -> deploying.Promoted:
        (done,) = await deploying.promote(self.client, (TOY,), build_id)
        return done

    async def tell(self, deal: str, *events: str) -> None:
        """Events as the starter sends them."""
        entity = EntityRef(kind="deal", id=deal)
        for event in events:
            await self.client.start_workflow(
                TOY.entity_workflow,
                EntityState(agent=TOY.name, entity=entity),
                id=self.deal(deal).id,
                task_queue=names.task_queue(TOY.name),
                start_signal=names.EVENT,
                start_signal_args=[
                    Event(id=event, source="toy", kind="news", entity=entity, occurred_at=datetime.now(UTC))
                ],
            )

    async def approve(self, deal: str, number: int) -> None:
        await self.run(deal, number).signal(names.DECIDE, Decision(approval="any", verdict=Verdict.APPROVE))

    def deal(self, deal: str) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(names.entity_workflow_id(TOY.name, EntityRef(kind="deal", id=deal)))

    def run(self, deal: str, number: int) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(names.run_workflow_id(self.deal(deal).id, number))

    def story(self, deal: str, number: int) -> list[tuple[str, str]]:
        return self.book.story(self.run(deal, number).id)

    async def begun(self, deal: str, number: int) -> None:
        async def noted() -> bool:
            return bool(self.story(deal, number))

        await until(noted, f"run {number} did not begin")

    async def ended(self, deal: str, number: int) -> None:
        async def done() -> bool:
            return await status(self.run(deal, number)) == WorkflowExecutionStatus.COMPLETED

        await until(done, f"run {number} did not end")

    async def one_run(self, deal: str) -> None:
        """The deal's first run, from its event to its end."""
        await self.tell(deal, f"first of {deal}")
        await self.begun(deal, 1)
        await self.approve(deal, 1)
        await self.ended(deal, 1)

    async def goes_over(self, deal: str, build_id: str) -> None:
        async def there() -> bool:
            return await version(self.deal(deal)) == build_id

        await until(there, f"deal {deal} did not go over to {build_id}")

    async def state_of(self, build_id: str) -> int:
        info = await described(self.client, TOY.name)
        return next(each.status for each in info.version_summaries if each.deployment_version.build_id == build_id)


def settings(build_id: str) -> WorkerSettings:
    return WorkerSettings.model_validate(
        {**WHOLE, "FARM_TOOL_SERVERS": {}, "FARM_BUILD_ID": build_id, "FARM_DRAIN_S": 0.1}
    )


async def version(workflow: WorkflowHandle[Any, Any]) -> str:
    """The build that a workflow is pinned to; empty where to none."""
    info = (await workflow.describe()).raw_description.workflow_execution_info
    return info.versioning_info.deployment_version.build_id


async def status(workflow: WorkflowHandle[Any, Any]) -> WorkflowExecutionStatus | None:
    return (await workflow.describe()).status


async def until(check: Callable[[], Awaitable[bool]], problem: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not await check():
        assert time.monotonic() < end, problem
        await asyncio.sleep(0.05)


@pytest.fixture
async def farm() -> AsyncIterator[Farm]:
    """A server of the test's own: a deployment's versions can't be forgotten between two."""
    env = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(ROOT / ".venv/bin/temporal"),
        dev_server_log_level="error",
        dev_server_extra_args=[f"--dynamic-config-value={each}" for each in QUICK],
        search_attributes=search_attributes.ALL,
        data_converter=data_converter,
    )
    async with env:
        yield Farm(env.client)
