"""A pool: the one agent whose runs a worker takes, with all it needs to take them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Interceptor, Worker, WorkerDeploymentConfig

import workflows
from activities.alarms import AlarmActivities
from activities.batch import BatchActivities
from activities.book import Book, read_book
from activities.kit import KitActivities
from activities.mcp import ToolServers
from activities.model import ModelActivities
from activities.records import RecordActivities
from activities.settling import SettlingActivities
from activities.tools import ToolActivities
from contracts.agents import AgentSpec
from contracts.names import deployment, task_queue
from contracts.policy import ApprovalPolicy
from gateway.calls.batches import VendorBatches
from gateway.calls.client import Gateway
from store.database import Database
from workers.settings import WorkerSettings
from workers.workflow_code import agent_workflows, sandbox
from workflows.batch.collector import FarmCollector
from workflows.entity.ticking import FarmTick

UNVERSIONED = "none"
# The SDK holds signs of life back for most of the heartbeat timeout, and with them the news of a cancellation.
CANCEL_SEEN_WITHIN = timedelta(seconds=2)
# What is next for a workflow is asked first of the worker that has it in memory. A dead one is given up after this
# long; a busy one, too, and then another replays the history.
WORKER_MISSED_AFTER = timedelta(seconds=5)


@dataclass(frozen=True)
class Parts:
    """What a worker of an agent runs."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]


def parts(spec: AgentSpec, db: Database, gateway: Gateway, servers: ToolServers, channel: str) -> Parts:
    """Everything real: the store, the gateway, the tool servers."""
    return Parts(
        [*agent_workflows(spec.name), FarmTick, FarmCollector],
        activities(db, gateway, servers, {spec.name: book_of(spec.name)}, channel, policies={spec.name: spec.policy}),
    )


def book_of(agent: str) -> Book:
    """An agent's prompts and skills, as this checkout has them."""
    return read_book(Path(next(iter(workflows.__path__))) / agent)


def activities(
    db: Database,
    gateway: Gateway,
    servers: ToolServers,
    books: Mapping[str, Book],
    channel: str,
    *,
    policies: Mapping[str, ApprovalPolicy] = MappingProxyType({}),
) -> Sequence[Callable[..., Any]]:
    """Every activity that a run may ask for."""
    vendor = VendorBatches(gateway)
    kit = KitActivities(db, servers, books, channel, policies=policies, batched=vendor.roles)
    model, tools = ModelActivities(db, gateway), ToolActivities(db, servers)
    batch = BatchActivities(db, model, vendor)
    settling, records = SettlingActivities(db), RecordActivities(db)
    alarms = AlarmActivities(tools, channel)
    own = (kit.prepare_run, model.call_model, tools.call_tool, settling.settle_effect, alarms.raise_alarm)
    return (*own, *batch.all, *records.all)


def build(
    client: Client, spec: AgentSpec, its: Parts, settings: WorkerSettings, interceptors: Sequence[Interceptor] = ()
) -> Worker:
    """A worker on the agent's own queue."""
    return Worker(
        client,
        task_queue=task_queue(spec.name),
        workflows=list(its.workflows),
        activities=list(its.activities),
        workflow_runner=sandbox(),
        deployment_config=version(spec, settings.build_id),
        interceptors=list(interceptors),
        max_concurrent_activities=settings.concurrent_activities,
        max_cached_workflows=settings.cached_workflows,
        max_heartbeat_throttle_interval=CANCEL_SEEN_WITHIN,
        sticky_queue_schedule_to_start_timeout=WORKER_MISSED_AFTER,
        graceful_shutdown_timeout=timedelta(seconds=settings.drain_s),
    )


def version(spec: AgentSpec, build_id: str) -> WorkerDeploymentConfig:
    """The version of the agent's pool.

    Pinned is the default, so that no agent can forget it: what began on a version ends on it. Unversioned workers get a
    name too: the SDK would make one up from every loaded module, in a second, and write it into each history anew.
    """
    if not build_id:
        unnamed = WorkerDeploymentVersion(deployment_name=deployment(spec.name), build_id=UNVERSIONED)
        return WorkerDeploymentConfig(version=unnamed, use_worker_versioning=False)
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=deployment(spec.name), build_id=build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )
