"""The process of `sleepers` for entities: deals that wait for a date in years, many more than the worker keeps."""

import asyncio
import gc
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import psutil
from temporalio.client import Client

from contracts.converter import data_converter
from contracts.events import EntityRef
from contracts.names import FOLLOW_UP, entity_workflow_id, task_queue
from contracts.workflows import EntityState, FollowUp, Replan
from ops.leaving import leave
from tests.bench.farmstead import store_file
from tests.bench.job import Job, say
from workers.pool import Parts, build
from workers.settings import WorkerSettings
from workers.workflow_code import agent_workflows
from workflows.sales.agent import SALES

CACHED = 200
WOKEN = 50
AT_ONCE, BATCH = 32, 100
EVERY_S, PATIENCE_S = 0.5, 600
PLAN = FollowUp(at=datetime(2099, 1, 6, 8, tzinfo=UTC), reason="no answer yet", until=("reply",))


@dataclass
class Slept:
    """Memory in bytes: resident, of the worker's process, which starts the entities as well."""

    cached: int
    rss_before: int = 0
    half: int = 0
    rss_half: int = 0
    rss_asleep: int = 0
    woken: int = 0


async def measure(job: Job) -> Slept:
    cached = min(CACHED, job.runs // 4)
    slept = Slept(cached)
    client = await Client.connect(job.temporal, data_converter=data_converter)
    parts = Parts(list(agent_workflows(SALES.name)), [])
    async with build(client, SALES, parts, settings(job, cached)):
        await _asleep(client, range(1))
        slept.rss_before = _rss()
        # A cache that has turned its entities over a few times has all the memory that it will ever have.
        half = cached + (job.runs - cached) // 2
        await _asleep(client, range(1, half))
        slept.half, slept.rss_half = half, _rss()
        await _asleep(client, range(half, job.runs))
        slept.rss_asleep = _rss()
        slept.woken = await _woken(client, random.Random(7).sample(range(job.runs), min(WOKEN, job.runs)))
    return slept


def settings(job: Job, cached: int) -> WorkerSettings:
    needed = {"FARM_STORE_URL": f"sqlite:///{store_file(job)}", "FARM_GATEWAY_URL": "-", "FARM_GATEWAY_KEY": "-"}
    needed |= {"FARM_CACHED_WORKFLOWS": str(cached), "SLACK_CHANNEL": "C0BENCH"}
    return WorkerSettings.model_validate({**needed, "FARM_TOOL_SERVERS": {}})


def _entity(number: int) -> EntityRef:
    return EntityRef(kind="deal", id=str(number))


async def _asleep(client: Client, numbers: Sequence[int]) -> None:
    """Start them, and wait until the last of them says what it waits for."""
    room = asyncio.Semaphore(AT_ONCE)

    async def start(number: int) -> None:
        entity = _entity(number)
        state = EntityState(agent=SALES.name, entity=entity, follow_up=PLAN)
        async with room:
            await client.start_workflow(
                SALES.entity_workflow,
                state,
                id=entity_workflow_id(SALES.name, entity),
                task_queue=task_queue(SALES.name),
            )

    for begun in range(0, len(numbers), BATCH):  # thousands of tasks at once would be memory of the bench's own
        await asyncio.gather(*map(start, numbers[begun : begun + BATCH]))
    await _shown(client, 'WaitingFor STARTS_WITH "follow-up 2099"', numbers[-1] + 1)


async def _woken(client: Client, numbers: Sequence[int]) -> int:
    """Call a few off, of which hardly any is in memory: each is replayed, and says that it waits no more."""
    for number in numbers:
        await client.get_workflow_handle(entity_workflow_id(SALES.name, _entity(number))).signal(FOLLOW_UP, Replan())
    return await _shown(client, 'WaitingFor = "the next event"', len(numbers))


async def _shown(client: Client, query: str, wanted: int) -> int:
    there = 0
    for _ in range(int(PATIENCE_S / EVERY_S)):
        there = (await client.count_workflows(query)).count
        if there >= wanted:
            break
        await asyncio.sleep(EVERY_S)
    return there


def _rss() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    say(asdict(asyncio.run(measure(Job.from_argument()))))
    leave(0)
