"""A Temporal server that skips time, and a sales agent on it whose activities are scripted."""

import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names, search_attributes
from contracts.approvals import ApprovalRequest
from contracts.converter import data_converter
from contracts.events import EntityRef, Event
from contracts.workflows import EntityState
from tests.fakes import FakeFarm
from workers.workflow_code import agent_workflows, sandbox
from workflows.sales.agent import SALES

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """Time skips while a workflow only waits. Such a server can't be shared between tests."""
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
        data_converter=data_converter,
    )
    async with env:
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=env.client.namespace,
                search_attributes={key.name: key.indexed_value_type for key in search_attributes.ALL},
            )
        )
        yield env


async def on_a_monday(env: WorkflowEnvironment) -> None:
    """Pass time until ten on the next Monday in Paris: so what counts in working hours comes out alike on any day."""
    now = (await env.get_current_time()).astimezone(PARIS)
    monday = now.date() + timedelta(days=7 - now.weekday())
    await env.sleep(datetime.combine(monday, time(10), PARIS) - now)


@dataclass
class Deal:
    """One deal's workflow, and what a test does to it."""

    client: Client
    env: WorkflowEnvironment
    workflow: WorkflowHandle[Any, Any]
    state: EntityState
    queue: str

    async def start_again(self) -> "Deal":
        """A new history under the same workflow id, as after a terminate."""
        return await started(self.env, self.state, self.queue)

    @property
    def first_run(self) -> WorkflowHandle[Any, Any]:
        return self.run(1)

    def run(self, number: int) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(names.run_workflow_id(self.workflow.id, number))

    async def tell(self, *events: Event) -> None:
        for event in events:
            await self.workflow.signal(names.EVENT, event)

    async def sleep(self, **span: float) -> None:
        await self.env.sleep(timedelta(**span))

    async def sleep_until(self, moment: datetime) -> None:
        await self.env.sleep(moment - await self.env.get_current_time())

    async def ended_by_itself(self, number: int) -> None:
        """Wait for a run's end without skipping time, as waiting for its result would."""

        async def ended() -> bool | None:
            status = (await self.run(number).describe()).status
            return True if status == WorkflowExecutionStatus.COMPLETED else None

        await until(ended, f"run {number} did not end")

    async def ended(self, number: int) -> None:
        """Wait for a run's end, however it ends."""

        async def closed() -> bool | None:
            status = (await self.run(number).describe()).status
            return None if status == WorkflowExecutionStatus.RUNNING else True

        await until(closed, f"run {number} did not end")

    async def asked(self, number: int = 1) -> ApprovalRequest:
        """The question that a run asks."""

        async def question() -> ApprovalRequest | None:
            for item in await self.run(number).query(names.APPROVALS, result_type=list[ApprovalRequest]):
                return item
            return None

        return await until(question, "no question was asked")

    async def history(self, number: int, event_type: str) -> list[Any]:
        """The run's history events of one type: `ACTIVITY_TASK_SCHEDULED`."""
        wanted = EventType.Value(f"EVENT_TYPE_{event_type}")
        return [event async for event in self.run(number).fetch_history_events() if event.event_type == wanted]


async def until(check: Callable[[], Awaitable[Any]], problem: str, timeout_s: float = 60) -> Any:
    """Wait in real time for something to come about; a run that doesn't exist yet counts as not yet."""
    import asyncio  # noqa: PLC0415
    import time  # noqa: PLC0415

    end = time.monotonic() + timeout_s
    last: Exception | None = None
    while time.monotonic() < end:
        try:
            if (found := await check()) is not None:
                return found
        except Exception as error:  # noqa: BLE001  not there yet
            last = error
        await asyncio.sleep(0.05)
    raise AssertionError(f"{problem} within {timeout_s} s ({last})")


async def started(env: WorkflowEnvironment, state: EntityState, queue: str) -> Deal:
    workflow = await env.client.start_workflow(
        SALES.entity_workflow, state, id=names.entity_workflow_id("sales", state.entity), task_queue=queue
    )
    return Deal(env.client, env, workflow, state, queue)


@pytest.fixture
def on_a_deal(temporal: WorkflowEnvironment) -> Callable[..., Any]:
    """Open a deal's workflow with a worker whose activities are a FakeFarm's."""

    @asynccontextmanager
    async def opened(farm: FakeFarm, deal: str = "42", **state: Any) -> AsyncIterator[Deal]:
        queue = f"test-{uuid.uuid4()}"
        worker = Worker(
            temporal.client,
            task_queue=queue,
            workflows=list(agent_workflows("sales")),
            activities=farm.activities,
            workflow_runner=sandbox(strict=True),
        )
        async with worker:
            entity = EntityRef(kind="deal", id=deal)
            yield await started(temporal, EntityState(agent="sales", entity=entity, **state), queue)

    return opened
