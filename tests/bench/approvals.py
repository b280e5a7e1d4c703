"""`./farm bench approvals`: thousands of questions that wait, decided in random order at Slack's door, some forged."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from temporalio.client import Client

from contracts.approvals import ApprovalRecord
from contracts.converter import data_converter
from contracts.names import task_queue
from ops.console import progress
from ops.places import farm_python
from store.approvals import Approvals
from store.database import Database
from store.tables import ApprovalRow, RunRow, ToolCallRow
from tests.bench.agent import APPROVERS, BENCH
from tests.bench.approvals_sender import FORGERIES, Asked, Deciding
from tests.bench.approvals_worker import signed_file
from tests.bench.contenders import run
from tests.bench.farmstead import task
from tests.bench.intake import free_port, process, ready
from tests.bench.intake_sender import PASSWORD, USER
from tests.bench.job import Job
from tests.bench.report import Report, Verdict
from tests.bench.slack_sender import SIGNING_SECRET
from tests.bench.stand import Stand

PENDING, QUICK = 5000, 40
FORGED_SHARE = 10
"""One in so many decisions is forged, or stale."""

AT_ONCE, LANES = 32, 8
POST = "post_message"
STANDSTILL_S = 120
"""After the last progress: what has not come by then doesn't."""

NOTES = (
    "p50_ms, p99_ms: from a click that counts, sent, to the approved tool's call in the run that waited. "
    f"{LANES} clicks are in flight, while the runs before them go on to their end on the same machine.",
    "forged: wrong signature, old timestamp, not an approver, another run's or no question's id, other arguments, "
    "already decided. again: good clicks repeated because the person was told that the run couldn't be reached. "
    "asleep_s: until all wait and each question stands in Slack.",
)


@dataclass(frozen=True)
class ApprovalsRow:
    system: str
    pending: int
    decided: int
    executed: int
    duplicates: int
    forged: int
    refused_forged: int
    too_early: int
    """Executed before anybody who may had clicked."""

    again: int
    p50_ms: float
    p99_ms: float
    answer_p99_ms: float
    over_3s: int
    asleep_s: float
    decided_s: float


async def report(
    stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False, pending: int = 0
) -> Report:
    count = pending or (QUICK if quick else PENDING)
    room = stand.room("approvals")
    store = f"sqlite+aiosqlite:///{room / 'farm.db'}"
    job = Job(turns=1, runs=count, concurrent=AT_ONCE, temporal=stand.temporal, directory=str(room))
    port, slack_port = free_port(), free_port()
    settings = {
        "FARM_PORT": str(port),
        "FARM_STORE_URL": store,
        "FARM_WEBHOOK_USERNAME": USER,
        "FARM_WEBHOOK_PASSWORD": PASSWORD,
        "TEMPORAL_ADDRESS": stand.temporal,
        "PIPEDRIVE_API_TOKEN": "",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/",
    }
    async with AsyncExitStack() as running:
        log = running.enter_context((room / "processes.log").open("wb"))
        start = partial(process, log=log)
        await running.enter_async_context(start("-m", "tests.bench.approvals_worker", job.as_argument()))
        await running.enter_async_context(start("-m", "starter", **settings))
        await ready(f"http://127.0.0.1:{port}/readyz")
        db = Database(store)
        running.push_async_callback(db.close)
        begun = time.monotonic()
        await _ask(job, db)
        asleep_s = time.monotonic() - begun
        progress.print(f"{count} questions wait after {asleep_s:.0f} s")
        deciding = Deciding(
            url=f"http://127.0.0.1:{port}",
            port=slack_port,
            questions=str(await _questions(db, room)),
            forged=max(count // FORGED_SHARE, len(FORGERIES)),
            lanes=LANES,
        )
        begun = time.monotonic()
        sent = await run("the people", (str(farm_python()), "-m", "tests.bench.approvals_sender"), deciding)
        await _until(count, _runs(db, "done"))
        decided_s = time.monotonic() - begun
        row = await _row(job, db, deciding, sent, asleep_s=asleep_s, decided_s=decided_s)
    return Report("Questions that wait, decided at Slack's door", [asdict(row)], verdicts(row, sent["passed"]), NOTES)


async def _ask(job: Job, db: Database) -> None:
    """Start the runs, until each has asked its question, and it stands in Slack: nobody clicks what isn't there."""
    client = await Client.connect(job.temporal, data_converter=data_converter)
    room = asyncio.Semaphore(AT_ONCE)

    async def start(number: int) -> None:
        workflow_id, given = task(f"ask-{number}", 1)
        async with room:
            await client.start_workflow(BENCH.run_workflow, given, id=workflow_id, task_queue=task_queue(BENCH.name))

    await asyncio.gather(*map(start, range(job.runs)))
    await _until(job.runs, _runs(db, "waiting"))
    await _until(job.runs, _counting(db, select(func.count()).where(ToolCallRow.tool == POST)))


def _runs(db: Database, status: str) -> Callable[[], Awaitable[int]]:
    return _counting(db, select(func.count()).where(RunRow.status == status))


def _counting(db: Database, query: Select[tuple[int]]) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        async with db.reading() as session:
            return await session.scalar(query) or 0

    return count


async def _until(wanted: int, count: Callable[[], Awaitable[int]]) -> None:
    """Wait until there are so many by the farm's own records, or no more come."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < STANDSTILL_S:
        there = await count()
        if there >= wanted:
            return
        if there != last:
            last, since = there, time.monotonic()
        await asyncio.sleep(0.5)


async def _questions(db: Database, room: Path) -> Path:
    pending = [record.request for record in await Approvals(db).pending()]
    file = room / "questions.json"
    asked = [asdict(Asked(each.id, each.workflow_id, each.arguments_hash)) for each in pending]
    file.write_text(json.dumps(asked), encoding="utf-8")
    return file


async def _row(
    job: Job, db: Database, deciding: Deciding, sent: dict[str, Any], *, asleep_s: float, decided_s: float
) -> ApprovalsRow:
    calls = [json.loads(line) for line in signed_file(job.directory).read_text(encoding="utf-8").splitlines()]
    made = Counter(call["run"] for call in calls)
    waited = sorted(call["at"] - sent["sent_at"][call["run"]] for call in calls)
    return ApprovalsRow(
        system="Farmstead",
        pending=len(sent["sent_at"]),
        decided=await _decided(db),
        executed=len(made),
        duplicates=sum(number - 1 for number in made.values()),
        forged=deciding.forged,
        refused_forged=sent["refused"],
        too_early=sum(seconds < 0 for seconds in waited),
        again=sent["again"],
        p50_ms=1000 * waited[len(waited) // 2],
        p99_ms=1000 * waited[int(0.99 * (len(waited) - 1))],
        answer_p99_ms=sent["answer_p99_ms"],
        over_3s=sent["over_3s"],
        asleep_s=asleep_s,
        decided_s=decided_s,
    )


async def _decided(db: Database) -> int:
    """Questions that were approved by the one who may, in Slack, as the farm's own records have it."""
    async with db.reading() as session:
        ids = (await session.scalars(select(ApprovalRow.id))).all()
    found = [await Approvals(db).get(each) for each in ids]
    return sum(_is_approved(record) for record in found if record)


def _is_approved(record: ApprovalRecord) -> bool:
    by = record.decision
    return record.status == "approved" and by is not None and (by.by, by.channel) == (APPROVERS[0], "slack")


def verdicts(row: ApprovalsRow, passed: list[str]) -> list[Verdict]:
    some = f": {'; '.join(passed[:3])}" if passed else ""
    return [
        Verdict(row.decided == row.pending, f"{row.decided} of {row.pending} questions decided by who may"),
        Verdict(row.executed == row.decided, f"{row.executed} of {row.decided} approved calls made"),
        Verdict(row.duplicates == 0, f"{row.duplicates} calls made twice"),
        Verdict(row.too_early == 0, f"{row.too_early} calls made before a decision"),
        Verdict(row.refused_forged == row.forged, f"{row.refused_forged} of {row.forged} forged clicks refused{some}"),
    ]
