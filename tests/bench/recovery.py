"""`./farm bench recovery`: one of two workers is killed outright; how long until its runs' next step is done?"""

import asyncio
import contextlib
import json
import os
import signal
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Literal

from temporalio.client import Client

from contracts.converter import data_converter
from contracts.names import task_queue
from ops.console import progress
from ops.places import ROOT, farm_python
from tests.bench.agent import BENCH, NO_LIMIT
from tests.bench.contenders import FARMSTEAD, job
from tests.bench.farmstead import task
from tests.bench.job import Job
from tests.bench.report import Report, Verdict
from tests.bench.slow_worker import CALL_S, Mark, marks_file
from tests.bench.stand import Stand

Moment = Literal["model call", "tool call", "between calls"]

MOMENTS: tuple[Moment, ...] = ("model call", "tool call", "between calls")
WORKERS = 2
RUNS = 6
KILLS = 10
"""At each moment."""

QUICK_KILLS = 1
MOST_P50_S = 15
LOST_AFTER_S = 120
LOOK_EVERY_S = 0.005
NOTES = (
    f"Seconds from SIGKILL until the run's next call is done; a call takes {CALL_S} s of it. 'between calls': killed "
    "as a call ended, in the middle of its completion or of the workflow task after it.",
)


@dataclass(frozen=True)
class RecoveryRow:
    system: str
    killed_in: Moment
    kills: int
    runs_hit: int
    p50_s: float
    max_s: float
    outcome: str


@dataclass
class Crew:
    """Two workers, and what they note."""

    job: Job
    workers: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    _read: int = 0

    async def hire(self) -> None:
        with (ROOT / self.job.directory / "workers.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                str(farm_python()), "-m", "tests.bench.slow_worker", self.job.as_argument(),
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers[process.pid] = process

    async def kill(self, pid: int) -> float:
        process = self.workers.pop(pid)
        process.send_signal(signal.SIGKILL)
        at = time.time()
        await process.wait()
        return at

    def look(self) -> list[Mark]:
        """What was noted since the last look."""
        file = marks_file(self.job.directory)
        text = file.read_text()[self._read :] if file.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        self._read += len(whole)
        new = [Mark(**json.loads(line)) for line in whole.splitlines()]
        self.marks += new
        return new

    def under_way(self) -> list[Mark]:
        """The last mark of each run, where it is the begin of a call."""
        last = {mark.run: mark for mark in self.marks}
        return [mark for mark in last.values() if mark.begins]


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    kills = QUICK_KILLS if quick else KILLS
    async with _crew(job(stand, FARMSTEAD, turns=NO_LIMIT, mode="recovery")) as crew:
        rows = [await _row(crew, moment, kills) for moment in MOMENTS]
    return Report("From SIGKILL to the next step", [asdict(row) for row in rows], verdicts(rows), NOTES)


def verdicts(rows: Sequence[RecoveryRow]) -> list[Verdict]:
    found = [Verdict(row.outcome == "completed", f"killed, {row.killed_in}: {row.outcome}") for row in rows]
    return found + [
        Verdict(row.p50_s <= MOST_P50_S, f"killed, {row.killed_in}: {row.p50_s:.1f} s at the median") for row in rows
    ]


@asynccontextmanager
async def _crew(asked: Job) -> AsyncIterator[Crew]:
    """The workers, and runs that never end; both gone afterwards."""
    client = await Client.connect(asked.temporal, data_converter=data_converter)
    crew = Crew(asked)
    names = []
    try:
        for _ in range(WORKERS):
            await crew.hire()
        for number in range(RUNS):
            workflow_id, given = task(f"recovery-{number}", NO_LIMIT)
            await client.start_workflow(BENCH.run_workflow, given, id=workflow_id, task_queue=task_queue(BENCH.name))
            names.append(workflow_id)
        yield crew
    finally:
        for process in crew.workers.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        for name in names:
            await client.get_workflow_handle(name).terminate("the benchmark is over")


async def _row(crew: Crew, moment: Moment, kills: int) -> RecoveryRow:
    seconds: list[float] = []
    for number in range(kills):
        await _all_at_work(crew)
        victim, hit = await _caught(crew, moment)
        killed_at = await crew.kill(victim)
        await crew.hire()
        recovered = await asyncio.gather(*(_next_end(crew, run, killed_at) for run in hit))
        seconds += recovered
        progress.print(f"killed, {moment}, {number + 1} of {kills}: {max(recovered):.1f} s for {len(hit)} runs")
    lost = sum(each == float("inf") for each in seconds)
    return RecoveryRow(
        system=FARMSTEAD.name,
        killed_in=moment,
        kills=kills,
        runs_hit=len(seconds),
        p50_s=statistics.median(seconds),
        max_s=max(seconds),
        outcome=f"{lost} of {len(seconds)} runs went on nowhere" if lost else "completed",
    )


async def _all_at_work(crew: Crew) -> None:
    """Both workers poll, and every run has begun."""
    while True:
        crew.look()
        polling = {mark.pid for mark in crew.marks if mark.kind == "hired"}
        if polling >= crew.workers.keys() and len({mark.run for mark in crew.marks} - {""}) == RUNS:
            return
        await asyncio.sleep(0.1)


async def _caught(crew: Crew, moment: Moment) -> tuple[int, list[str]]:
    """Whom to kill, at such a moment, and the runs that this strikes."""
    while True:
        for mark in crew.look():
            if mark.pid not in crew.workers or mark.kind == "hired":
                continue
            if moment == "between calls" and not mark.begins:
                return mark.pid, [mark.run]
            if moment == mark.kind and mark.begins:
                await asyncio.sleep(CALL_S / 2)
                crew.look()
                return mark.pid, [each.run for each in crew.under_way() if each.pid == mark.pid] or [mark.run]
        await asyncio.sleep(LOOK_EVERY_S)


async def _next_end(crew: Crew, run: str, since: float) -> float:
    """Seconds until a call of the run was done by anybody; infinite where none is in time."""
    while time.time() < since + LOST_AFTER_S:
        crew.look()
        for mark in reversed(crew.marks):
            if mark.at < since:
                break
            if mark.run == run and not mark.begins:
                return mark.at - since
        await asyncio.sleep(0.05)
    return float("inf")
