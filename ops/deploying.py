"""Make a build of the farm's code the current one: new work begins there, and idle entities are sent over."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import AgentSpec
from contracts.names import COLLECTOR, UPGRADE, collector_id, deployment
from ops.deployments import UNVERSIONED, count, current, described, elsewhere, of_type, polling
from ops.errors import FarmError

BATCH = 50
"""Entities that are woken at once: a farm has thousands, and they share the pool with the day's work."""

WORKERS_WITHIN_S = 5

KNOWN_WITHIN_S = 30
"""How long Temporal is given to tell the task queue which version is current."""

SHOWN_WITHIN_S = 1.5
"""What ended is out of Temporal's list after that, and mostly sooner."""

SETTLED_AFTER_S = 10
"""An entity goes over within a second or two. One that hasn't by then has no worker, or a version held by hand."""


@dataclass(frozen=True)
class Promoted:
    """What became of an agent's pool."""

    agent: str
    build: str
    woken: int
    """Entities that were on another build, and were told."""

    entities_left: int
    runs_left: int
    """Open workflows that are still on another build; an entity is while its run is."""


async def promote(client: Client, specs: Sequence[AgentSpec], build: str) -> list[Promoted]:
    """All pools or none begin: a build without workers is refused before anything is set. Can be repeated."""
    await _refuse_without_workers(client, specs, build)
    for spec in specs:
        await make_current(client, spec.name, build)
    return [await _send_over(client, spec, build) for spec in specs]


async def _refuse_without_workers(client: Client, specs: Sequence[AgentSpec], build: str) -> None:
    """A worker that has just started is waited for: Temporal hears of its build a second later."""
    end = time.monotonic() + WORKERS_WITHIN_S
    while without := [spec.name for spec in specs if not await _can_work(client, spec.name, build)]:
        if time.monotonic() > end:
            wanted = "no FARM_BUILD_ID" if build == UNVERSIONED else f"FARM_BUILD_ID={build}"
            raise FarmError(
                f"no worker of build {build!r} polls for: {', '.join(without)}; nothing was changed",
                f"Start its pool with {wanted} beside the old one, then promote.",
                "Another agent's pool alone: --agent.",
            )
        await asyncio.sleep(0.2)


async def _can_work(client: Client, agent: str, build: str) -> bool:
    builds, info = await asyncio.gather(polling(client, agent), described(client, agent))
    known = {each.deployment_version.build_id for each in info.version_summaries} | {UNVERSIONED}
    return build in known and bool(builds.get(build))


async def make_current(client: Client, agent: str, build: str) -> None:
    """New work begins on this build from here on. Nobody is told."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=deployment(agent),
        build_id="" if build == UNVERSIONED else build,
        identity=client.identity,
    )
    try:
        await client.workflow_service.set_worker_deployment_current_version(request)
    except RPCError as error:
        raise FarmError(f"{agent}: {build!r} could not be made current: {error.message}", "Try again.") from error
    await _until_known(client, agent, build)


async def _until_known(client: Client, agent: str, build: str) -> None:
    """A workflow that is woken before its queue knows of the new version isn't told of it.

    The queue is asked, and not the deployment: that may say for ever that its routing is being updated
    (https://github.com/temporalio/temporal/issues/11842, seen on 1.32).
    """
    end = time.monotonic() + KNOWN_WITHIN_S
    while await current(client, agent) != {build}:
        if time.monotonic() > end:
            raise FarmError(
                f"{agent}: its task queue has not heard of {build!r} in {KNOWN_WITHIN_S} s", "Promote again."
            )
        await asyncio.sleep(0.2)


async def _send_over(client: Client, spec: AgentSpec, build: str) -> Promoted:
    others = elsewhere(spec.name, build)
    woken = await _wake(client, of_type(others, spec.entity_workflow))
    await _tell_one(client, collector_id(spec.name))
    works = f"{others} AND WorkflowType != '{COLLECTOR}'"  # the pool's collector is neither, and goes over at once
    entities, runs = await _settled(client, works, of_type(others, spec.entity_workflow))
    return Promoted(spec.name, build, woken, entities, runs)


async def _wake(client: Client, query: str) -> int:
    woken = 0
    batch: list[str] = []
    async for each in client.list_workflows(query):
        batch.append(each.id)
        if len(batch) == BATCH:
            woken += await _tell(client, batch)
            batch = []
    return woken + await _tell(client, batch)


async def _tell(client: Client, workflow_ids: Sequence[str]) -> int:
    return sum(await asyncio.gather(*(_tell_one(client, each) for each in workflow_ids)))


async def _tell_one(client: Client, workflow_id: str) -> bool:
    """False where it has ended meanwhile."""
    try:
        await client.get_workflow_handle(workflow_id).signal(UPGRADE, rpc_timeout=timedelta(seconds=10))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def _settled(client: Client, every: str, entities: str) -> tuple[int, int]:
    """Entities and runs that are left: once no more entities than have a run, or the number stands still.

    A run that has just ended may still be in Temporal's list: so what is left must be so for a moment.
    """
    left, since = (-1, -1), time.monotonic()
    while time.monotonic() < since + SETTLED_AFTER_S:
        its = await count(client, entities)
        now = its, await count(client, every) - its
        if now != left:
            left, since = now, time.monotonic()
        if now == (0, 0) or (now[0] <= now[1] and time.monotonic() > since + SHOWN_WITHIN_S):
            return now
        await asyncio.sleep(0.3)
    return left
