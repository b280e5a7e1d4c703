"""A pool: the one agent whose runs a worker takes, with all it needs to take them."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.client import Gateway
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import workflows
from activities.book import read_book
from activities.kit import KitActivities
from activities.mcp import ToolServers
from activities.model import ModelActivities
from activities.records import RecordActivities
from activities.tools import ToolActivities
from contracts.agents import AgentSpec
from contracts.names import task_queue
from store.database import Database
from workers.settings import WorkerSettings

# Values and spans are the same inside and outside the workflow sandbox; loading them again for every run
# would cost more than the run.
PASSED_THROUGH = ("contracts", "telemetry", "pydantic", "pydantic_core", "annotated_types", "opentelemetry")


@dataclass(frozen=True)
class Parts:
    """What a worker of an agent runs."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]


def sandbox() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


def parts(spec: AgentSpec, db: Database, gateway: Gateway, servers: ToolServers, channel: str) -> Parts:
    """Everything real: the store, the gateway, the tool servers."""
    folder = Path(next(iter(workflows.__path__))) / spec.name
    kit = KitActivities(db, servers, {spec.name: read_book(folder)}, channel)
    model, tools, records = ModelActivities(db, gateway), ToolActivities(db, servers), RecordActivities(db)
    return Parts(
        workflows=agent_workflows(spec.name),
        activities=(
            kit.prepare_run,
            model.call_model,
            tools.call_tool,
            records.record_run,
            records.record_approval,
        ),
    )


def agent_workflows(name: str) -> Sequence[type]:
    """The workflows of an agent's folder: `WORKFLOWS` of `workflows/<name>/workflow.py`."""
    return tuple(importlib.import_module(f"workflows.{name}.workflow").WORKFLOWS)


def build(client: Client, spec: AgentSpec, its: Parts, settings: WorkerSettings) -> Worker:
    """A worker on the agent's own queue."""
    return Worker(
        client,
        task_queue=task_queue(spec.name),
        workflows=list(its.workflows),
        activities=list(its.activities),
        workflow_runner=sandbox(),
        max_concurrent_activities=settings.concurrent_activities,
        max_cached_workflows=settings.cached_workflows,
        graceful_shutdown_timeout=timedelta(seconds=settings.drain_s),
    )
