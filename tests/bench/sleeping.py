"""Sleepers, from within their worker's process: so many runs that wait for a person, then one signal each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

import psutil
from sqlalchemy import func, select
from temporalio.client import Client

from contracts import names
from contracts.approvals import ApprovalRequest, Decision, Verdict
from contracts.names import task_queue
from ops.leaving import leave
from store.approvals import Approvals
from store.database import Database
from store.tables import RunRow
from tests.bench.agent import BENCH, SIGN
from tests.bench.farmstead import store_file, task, worker
from tests.bench.job import Job, say
from tests.bench.scripted import PlainFunction, think

AT_ONCE = 32
EVERY_S = 0.25
PATIENCE_S = 3000


@dataclass
class Slept:
    """Memory in bytes: resident, of the worker's process. Seconds."""

    rss_before: int
    rss_asleep: int
    rss_after: int = 0
    asleep_s: float = 0.0
    served_s: float = 0.0


async def measure(job: Job) -> Slept:
    db = Database(f"sqlite+aiosqlite:///{store_file(job)}")
    async with worker(job, partial(think, tool=SIGN), PlainFunction()) as client:
        await _begin(client, ["warm"])
        await _until(db, asleep=1, done=0)
        slept = Slept(_rss(), 0)
        begun = time.monotonic()
        await _begin(client, [str(number) for number in range(1, job.runs)])
        await _until(db, asleep=job.runs, done=0)
        slept.asleep_s, slept.rss_asleep = time.monotonic() - begun, _rss()
        questions = [record.request for record in await Approvals(db).pending()]
        begun = time.monotonic()
        await _answer(client, questions)
        await _until(db, asleep=0, done=job.runs)
        slept.served_s, slept.rss_after = time.monotonic() - begun, _rss()
    await db.close()
    return slept


async def _begin(client: Client, numbers: Sequence[str]) -> None:
    waiting = asyncio.Semaphore(AT_ONCE)

    async def start(number: str) -> None:
        workflow_id, given = task(f"sleep-{number}", 1)
        async with waiting:
            await client.start_workflow(BENCH.run_workflow, given, id=workflow_id, task_queue=task_queue(BENCH.name))

    await asyncio.gather(*map(start, numbers))


async def _answer(client: Client, questions: Sequence[ApprovalRequest]) -> None:
    waiting = asyncio.Semaphore(AT_ONCE)

    async def decide(asked: ApprovalRequest) -> None:
        async with waiting:
            run = client.get_workflow_handle(asked.workflow_id)
            await run.signal(names.DECIDE, Decision(approval=asked.id, verdict=Verdict.APPROVE))

    await asyncio.gather(*map(decide, questions))


async def _until(db: Database, *, asleep: int, done: int) -> None:
    """By the farm's own records."""
    deadline = time.monotonic() + PATIENCE_S
    while any(there < wanted for there, wanted in zip(await _count(db), (asleep, done), strict=True)):
        assert time.monotonic() < deadline, f"{await _count(db)} asleep and done, not {(asleep, done)}"
        await asyncio.sleep(EVERY_S)


async def _count(db: Database) -> tuple[int, int]:
    async with db.reading() as session:
        counted = await session.execute(select(RunRow.status, func.count()).group_by(RunRow.status))
        by_status = {row.status: row[1] for row in counted}
    return by_status.get("waiting", 0), by_status.get("done", 0)


def _rss() -> int:
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    asked = Job.from_argument()
    say(asdict(asyncio.run(measure(asked))))
    leave(0)
