"""The versions of an agent's pool, as Temporal knows them: which is current, and what runs on each."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.deployment.v1 import WorkerDeploymentInfo, WorkerDeploymentOptions
from temporalio.api.enums.v1 import TaskQueueType, WorkerDeploymentVersionStatus, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkerDeploymentRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import AgentSpec
from contracts.names import deployment, task_queue

WORKFLOW_TASKS = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
ACTIVITY_TASKS = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

UNVERSIONED = "unversioned"
"""What stands for the workers without a build id, wherever a person gives or reads one."""

POLLED_WITHIN = timedelta(seconds=75)
"""A worker that lives asks for work once a minute at least. One that has just stopped is still counted."""


@dataclass(frozen=True)
class Version:
    """One build of an agent's pool. `state`: current, ramping, draining, drained, inactive (never was current)."""

    build: str
    state: str
    workers: int
    entities: int
    runs: int
    """Open ones, as `entities` are: pinned to this build, or started without one."""

    @property
    def waits_for_workers(self) -> bool:
        return self.workers == 0 and self.entities + self.runs > 0


@dataclass(frozen=True)
class Pool:
    """An agent's pool in all its versions, the newest first."""

    agent: str
    versions: tuple[Version, ...]


async def pool(client: Client, spec: AgentSpec) -> Pool:
    """All versions that have a state, a worker or an open workflow."""
    info, workers = await asyncio.gather(described(client, spec.name), polling(client, spec.name))
    states = {UNVERSIONED: ""} | _states(info)
    if not info.routing_config.current_deployment_version.build_id:
        states[UNVERSIONED] = "current"
    versions = await asyncio.gather(*(_version(client, spec, each, states[each], workers) for each in states))
    return Pool(spec.name, tuple(each for each in versions if each.build != UNVERSIONED or _matters(each)))


async def described(client: Client, agent: str) -> WorkerDeploymentInfo:
    """What Temporal keeps of the agent's pool; empty where no versioned worker ever came."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment(agent))
    try:
        return (await client.workflow_service.describe_worker_deployment(request)).worker_deployment_info
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return WorkerDeploymentInfo()
        raise


async def polling(client: Client, agent: str) -> Mapping[str, int]:
    """Workers of each build that asked the agent's queue for work lately."""
    told = await _queue(client, agent, WORKFLOW_TASKS)
    since = datetime.now(UTC) - POLLED_WITHIN
    seen = {
        (_build(each.deployment_options), each.identity)
        for each in told.pollers
        if each.last_access_time.ToDatetime(UTC) > since
    }
    builds = [build for build, _ in seen]
    return {build: builds.count(build) for build in builds}


def _build(options: WorkerDeploymentOptions) -> str:
    """An unversioned worker may have a build's name, too (workers/pool.py), and work goes to it whatever that is."""
    versioned = options.worker_versioning_mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    return options.build_id if versioned else UNVERSIONED


async def current(client: Client, agent: str) -> set[str]:
    """The build that the agent's queue gives new work to: one, or two while a change is under way."""
    queues = await asyncio.gather(*(_queue(client, agent, tasks) for tasks in (WORKFLOW_TASKS, ACTIVITY_TASKS)))
    return {each.versioning_info.current_deployment_version.build_id or UNVERSIONED for each in queues}


async def _queue(client: Client, agent: str, tasks: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue(agent)), task_queue_type=tasks
    )
    return await client.workflow_service.describe_task_queue(request)


def on(agent: str, build: str) -> str:
    """Visibility query: the open workflows of an agent's pool on a build."""
    return f"{_open(agent)} AND {_is(agent, build)}"


def elsewhere(agent: str, build: str) -> str:
    """Visibility query: the open workflows of an agent's pool on any other build, or on none."""
    if build == UNVERSIONED:
        return f"{_open(agent)} AND TemporalWorkerDeploymentVersion IS NOT NULL"
    other = f"TemporalWorkerDeploymentVersion != '{deployment(agent)}:{build}'"
    return f"{_open(agent)} AND (TemporalWorkerDeploymentVersion IS NULL OR {other})"


def of_type(query: str, workflow_type: str) -> str:
    return f"{query} AND WorkflowType = '{workflow_type}'"


async def count(client: Client, query: str) -> int:
    return (await client.count_workflows(query)).count


def _open(agent: str) -> str:
    return f"ExecutionStatus = 'Running' AND TaskQueue = '{task_queue(agent)}'"


def _is(agent: str, build: str) -> str:
    if build == UNVERSIONED:
        return "TemporalWorkerDeploymentVersion IS NULL"
    return f"TemporalWorkerDeploymentVersion = '{deployment(agent)}:{build}'"


def _states(info: WorkerDeploymentInfo) -> dict[str, str]:
    return {each.deployment_version.build_id: _state(each.status) for each in info.version_summaries}


def _state(status: WorkerDeploymentVersionStatus.ValueType) -> str:
    """`WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING` -> `draining`."""
    return WorkerDeploymentVersionStatus.Name(status).rpartition("_")[2].lower()


async def _version(client: Client, spec: AgentSpec, build: str, state: str, workers: Mapping[str, int]) -> Version:
    its = on(spec.name, build)
    every, entities = await asyncio.gather(count(client, its), count(client, of_type(its, spec.entity_workflow)))
    return Version(build, state, workers.get(build, 0), entities, every - entities)


def _matters(version: Version) -> bool:
    return bool(version.state or version.workers or version.entities or version.runs)
