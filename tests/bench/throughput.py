"""`./farm bench throughput`: how much time the plumbing takes, with a model and a tool that take none."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ops.console import progress
from tests.bench.contenders import FARMSTEAD, System, job, measure, systems
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

Load = tuple[int, int, int]
"""Turns of a run, runs at a time, runs in all."""

SHORT, LONG = 1, 50
LOADS: tuple[Load, ...] = (
    (LONG, 1, 3),
    (SHORT, 1, 30),
    (SHORT, 16, 240),
    (SHORT, 128, 640),
)
QUICK: tuple[Load, ...] = ((5, 1, 1), (SHORT, 4, 8))
MODES = ("regular", "write", "mcp", "http", "traced")
"""What Farmstead does beside the comparison, at one run at a time."""

HALF = 0.5
NOTES = (
    "A run of 1 turn: a model call, a tool call, a model call that answers. Times are a run's, as its starter sees "
    "them, over its turns; at more than one at a time a turn waits for the others' too.",
    "plain: every system's tool is a function in the worker's process, and nothing is traced. Farmstead's other modes: "
    "write (each call through the effects journal), mcp (tool over MCP in memory), http (over MCP's HTTP, another "
    "process), traced (with the spans of production).",
)


@dataclass(frozen=True)
class ThroughputRow:
    system: str
    mode: str
    turns: int
    concurrent: int
    runs: int
    runs_per_s: float
    p50_ms: float
    """Median over the runs of the time a turn took."""

    p99_ms: float
    cpu_ms: float
    """Processor time of a turn in the process that starts and works the runs: noise leaves it alone."""

    outcome: str


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    loads = QUICK if quick else LOADS
    rows = []
    measured = await systems(peers)
    for load in loads:
        rows += [await _row(stand, system, load) for system in measured]
    rows += [await _row(stand, FARMSTEAD, loads[0], mode) for mode in MODES]
    holds = verdicts(rows, {system.name for system in measured if system.peer and system.on_temporal})
    return Report("Time that the plumbing takes", [asdict(row) for row in rows], holds, NOTES)


async def _row(stand: Stand, system: System, load: Load, mode: str = "plain") -> ThroughputRow:
    turns, concurrent, runs = load
    asked = job(stand, system, turns=turns, runs=runs, concurrent=concurrent, mode=mode)
    found = await measure(system, asked)
    each = sorted(1000 * seconds / turns for seconds in found.seconds)
    row = ThroughputRow(
        system=system.name,
        mode=mode,
        turns=turns,
        concurrent=concurrent,
        runs=runs,
        runs_per_s=runs / found.wall_s if found.wall_s else 0.0,
        p50_ms=statistics.median(each) if each else 0.0,
        p99_ms=each[min(len(each) - 1, round(0.99 * len(each)))] if each else 0.0,
        cpu_ms=1000 * found.cpu_s / (runs * turns),
        outcome=found.outcome,
    )
    what = f"{turns} turns, {concurrent} at a time"
    took = f"{row.p50_ms:.1f} ms a turn, {row.runs_per_s:.1f} runs/s" if each else row.outcome
    progress.print(f"{system.name}, {mode}, {what}: {took}")
    return row


def verdicts(rows: Sequence[ThroughputRow], on_temporal: set[str]) -> list[Verdict]:
    """Against the best of the peers on Temporal; nothing to say where none was measured."""
    found = [
        Verdict(row.outcome == "completed", f"{row.system}: {row.outcome}")
        for row in rows
        if row.system == FARMSTEAD.name and row.outcome != "completed"
    ]
    plain = [row for row in rows if row.mode == "plain"]
    for ours in (row for row in plain if row.system == FARMSTEAD.name):
        like = [row for row in plain if (row.turns, row.concurrent) == (ours.turns, ours.concurrent)]
        theirs = [row for row in like if row.system in on_temporal and row.outcome == "completed"]
        if not theirs:
            continue
        if ours.concurrent == 1 and ours.turns > SHORT:
            best = min(theirs, key=lambda row: row.p50_ms)
            what = f"{ours.turns} turns: {ours.p50_ms:.1f} ms a turn, at most half of {best.p50_ms:.1f} ({best.system})"
            found.append(Verdict(ours.p50_ms <= HALF * best.p50_ms, what))
        elif ours.concurrent > 1:
            best = max(theirs, key=lambda row: row.runs_per_s)
            what = f"{ours.concurrent} at a time: {ours.runs_per_s:.1f} runs/s, no fewer than {best.runs_per_s:.1f}"
            found.append(Verdict(ours.runs_per_s >= best.runs_per_s, f"{what} ({best.system})"))
    return found
