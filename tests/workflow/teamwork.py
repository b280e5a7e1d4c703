"""A real server that soon suggests a new history, and the team at work on it with a farm of scripted activities."""

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names, search_attributes
from contracts.agents import Limits
from contracts.approvals import ApprovalRequest
from contracts.converter import data_converter
from contracts.events import EntityRef
from contracts.workflows import RunInput, RunOutcome
from tests.fakes import FakeFarm
from tests.workflow.conftest import until
from tests.workflow.team import LeadRun, ScoutRun
from workers.workflow_code import sandbox

EVENTS_A_HISTORY = 60
ROOMY = Limits(turns=500, cost_usd=100)


@asynccontextmanager
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """The dev server; a history of more than `EVENTS_A_HISTORY` events is one to be continued as new."""
    env = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="error",
        dev_server_extra_args=[
            "--dynamic-config-value",
            f"limit.historyCount.suggestContinueAsNew={EVENTS_A_HISTORY}",
            "--dynamic-config-value",
            "history.transferProcessorMaxPollRPS=1000",
            "--dynamic-config-value",
            "matching.enableFairness=true",
        ],
        search_attributes=search_attributes.ALL,
        data_converter=data_converter,
    )
    async with env:
        yield env


@dataclass
class Job:
    """A run of the lead, and what a test looks at."""

    client: Client
    run: WorkflowHandle[Any, RunOutcome]
    farm: FakeFarm

    async def outcome(self) -> RunOutcome:
        return RunOutcome.model_validate(await self.run.result())

    async def asked(self) -> ApprovalRequest:
        async def question() -> ApprovalRequest | None:
            found = await self.run.query(names.APPROVALS, result_type=list[ApprovalRequest])
            return found[0] if found else None

        return await until(question, "no question was asked")

    async def until_turn(self, number: int) -> None:
        """Wait until so many model calls were made."""

        async def made() -> bool | None:
            return len(self.farm.model_calls) >= number or None

        await until(made, f"there was no call {number}")

    async def histories(self) -> list[list[Any]]:
        """The run's histories, the first one first: each is the list of its events."""
        found = []
        run_id = self.run.first_execution_run_id
        while run_id:
            handle = self.client.get_workflow_handle(self.run.id, run_id=run_id)
            found.append([event async for event in handle.fetch_history_events()])
            last = found[-1][-1]
            continued = last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
            run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id if continued else ""
        return found


@asynccontextmanager
async def lead(
    client: Client, farm: FakeFarm, limits: Limits = ROOMY, scouts: FakeFarm | None = None
) -> AsyncIterator[Job]:
    """Start a run of the lead, with a worker for it and, with a farm of their own, one for its scouts."""
    name = uuid.uuid4().hex[:8]
    queue = f"lead-{name}"
    pools = [
        Worker(
            client,
            task_queue=queue,
            workflows=[LeadRun],
            activities=farm.activities,
            workflow_runner=sandbox(strict=True),
        )
    ]
    if scouts is not None:
        pools.append(
            Worker(
                client,
                task_queue=names.task_queue("scout"),
                workflows=[ScoutRun],
                activities=scouts.activities,
                workflow_runner=sandbox(strict=True),
            )
        )
    job = RunInput(agent="lead", entity=EntityRef(kind="deal", id=name), number=1, events=(), limits=limits)
    for pool in pools:
        await pool.__aenter__()
    try:
        run = await client.start_workflow("LeadRun", job, id=f"lead:deal:{name}/run-1", task_queue=queue)
        yield Job(client, run, farm)
    finally:
        for pool in pools:
            await pool.__aexit__(None, None, None)
