"""`./farm bench gateway`: what the gateway adds to a call, before a vendor that takes no time."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from pathlib import Path

from ops.console import progress
from ops.environments import environment
from tests.bench.gateway_calls import Server, Taken, ask, warm
from tests.bench.gateway_servers import bare, farmstead, vendor
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

DIRECT, BARE, FARMSTEAD = "vendor, directly", "bare LiteLLM", "farmstead"
MEASURES = (
    "own reckoning",
    "shortcut",
    "absent modules",
    "idle hooks",
    "idle counting",
    "no packing",
    "frozen heap",
    "reading on the spot",
    "httptools",
)
"""Each is taken away once."""

AT = 16
"""Calls at a time, in the rows of measures."""

MOST_ADDED_MS = 20.0
BEFORE_CPU_MS = 30.0
"""Of a call of bare LiteLLM, the upper of 24 to 30 measured before the gateway was made cheaper."""

HALF = 0.5
NOTES = (
    "The farm's own client asks, each call a logical call of its own. vendor, directly: without a gateway. "
    "bare LiteLLM: its own command, one model, one key, no book, nothing kept. farmstead: the gateway with book, gates "
    "and kept answers.",
    "cpu_ms: processor time of the server's process for a call, with what it does after the answer; other work on the "
    "machine changes it less than it does the times. added_ms: of p50, over the vendor's. rate: calls a second, of "
    "the vendor's.",
)


@dataclass(frozen=True)
class Size:
    loads: tuple[tuple[int, int], ...]
    """Calls at a time, and how many in a round."""

    rounds: int
    measures: tuple[str, ...]


FULL = Size(((1, 100), (AT, 160), (64, 192)), 3, MEASURES)
QUICK = Size(((1, 10), (AT, 32)), 1, ())


@dataclass(frozen=True)
class GatewayRow:
    system: str
    concurrent: int
    calls: int
    p50_ms: float
    p99_ms: float
    calls_per_s: float
    cpu_ms: float
    added_ms: float | None
    rate: float | None


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    size, room = QUICK if quick else FULL, stand.room("gateway")
    await environment("gateway").set_up()
    rows = []
    with vendor(room) as behind, farmstead(behind, room) as whole:
        with bare(behind, room) as plain:
            servers = {DIRECT: behind, BARE: plain, FARMSTEAD: whole}
            for server in servers.values():
                await warm(server)
            for concurrent, calls in size.loads:
                rows += told(concurrent, await _in_turn(servers, concurrent, calls, size.rounds))
        for measure in size.measures:
            rows += await _without(measure, behind, whole, room, size)
    return Report("What the gateway adds to a call", [asdict(row) for row in rows], verdicts(rows), NOTES)


async def _in_turn(servers: dict[str, Server], concurrent: int, calls: int, rounds: int) -> dict[str, Taken]:
    """Each in every round, so that what else the machine does falls on all of them."""
    taken: dict[str, list[Taken]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            taken[name].append(await ask(server, concurrent, calls))
    progress.print(f"{', '.join(servers)}, {concurrent} at a time: done", soft_wrap=True)
    return {name: reduce(add, each) for name, each in taken.items()}


async def _without(measure: str, behind: Server, whole: Server, room: Path, size: Size) -> Sequence[GatewayRow]:
    with ExitStack() as opened:
        lacking = opened.enter_context(farmstead(behind, room, measure))
        await warm(lacking)
        calls = dict(size.loads)[AT]
        pair = {f"{FARMSTEAD}, beside the next": whole, f"{FARMSTEAD} without {measure}": lacking}
        return told(AT, await _in_turn(pair, AT, calls, min(2, size.rounds)))


def told(concurrent: int, taken: dict[str, Taken]) -> list[GatewayRow]:
    """A row for each, beside the vendor's where that was asked in the same rounds."""
    alone = taken.get(DIRECT)
    return [
        GatewayRow(
            system=name,
            concurrent=concurrent,
            calls=len(its.each_s),
            p50_ms=its.percentile_ms(0.5),
            p99_ms=its.percentile_ms(0.99),
            calls_per_s=its.calls_per_s,
            cpu_ms=its.cpu_ms,
            added_ms=its.percentile_ms(0.5) - alone.percentile_ms(0.5) if alone else None,
            rate=its.calls_per_s / alone.calls_per_s if alone else None,
        )
        for name, its in taken.items()
    ]


def verdicts(rows: Sequence[GatewayRow]) -> list[Verdict]:
    """One call at a time is little slower, and a call takes half of what bare LiteLLM took."""
    ours = [row for row in rows if row.system == FARMSTEAD]
    one = next(row for row in ours if row.concurrent == 1)
    added, cpu = one.added_ms or 0.0, max(row.cpu_ms for row in ours)
    most = HALF * BEFORE_CPU_MS
    return [
        Verdict(
            added < MOST_ADDED_MS,
            f"one call at a time takes {added:.1f} ms more at the median, less than {MOST_ADDED_MS:.0f}",
        ),
        Verdict(
            cpu <= most,
            f"a call takes {cpu:.1f} ms of the processor, at most {most:.0f}: half of the {BEFORE_CPU_MS:.0f} of bare "
            "LiteLLM before",
        ),
    ]
