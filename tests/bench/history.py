"""`./farm bench history`: how much a run keeps durably, by its length. Straight lines are the point."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ops.console import progress
from tests.bench.contenders import FARMSTEAD, System, job, measure, systems
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

TURNS = (5, 20, 50, 200, 1000)
LONG = 5000
QUICK = (5, 10)

MOST_BYTES_A_TURN = 2048
MOST_EVENTS_A_TURN = 12
STRAIGHT = 1.1
HOPELESS_BYTES = 1_000_000_000
"""A run that would keep more than this, by the last one's growth, isn't made."""

NOTES = (
    "history_bytes, events: what Temporal's server counts, over all histories that a run was continued in.",
    "store_bytes: growth of the system's SQLite file, everything written ahead brought into it first.",
    "Bytes and events a turn are the growth per turn over the shortest run: what one more turn costs.",
)


@dataclass(frozen=True)
class HistoryRow:
    system: str
    turns: int
    history_bytes: int | None
    events: int | None
    store_bytes: int
    s_per_turn: float | None
    outcome: str


async def report(stand: Stand, *, peers: bool = False, long: bool = False, quick: bool = False) -> Report:
    lengths = QUICK if quick else (*TURNS, LONG) if long else TURNS
    rows = [row for system in await systems(peers) for row in await _rows(stand, system, lengths)]
    return Report(
        "Bytes kept for one run, 2 KB of tool result a turn", [asdict(row) for row in rows], verdicts(rows), NOTES
    )


async def _rows(stand: Stand, system: System, lengths: Sequence[int]) -> list[HistoryRow]:
    rows: list[HistoryRow] = []
    for turns in lengths:
        if turns == LONG and system is not FARMSTEAD:
            break
        reason = _hopeless(rows, turns)
        rows.append(
            HistoryRow(system.name, turns, None, None, 0, None, reason) if reason else await _row(stand, system, turns)
        )
        progress.print(f"{system.name}, {turns} turns: {rows[-1].outcome}", soft_wrap=True)
    return rows


async def _row(stand: Stand, system: System, turns: int) -> HistoryRow:
    found = await measure(system, job(stand, system, turns=turns))
    outcome = found.outcome if found.outcome == "completed" else f"{found.outcome} (after {found.turns_done} turns)"
    each = found.seconds[-1] / max(found.turns_done, 1) if found.seconds else None
    return HistoryRow(system.name, turns, found.history_bytes, found.events, found.store_bytes, each, outcome)


def _hopeless(before: Sequence[HistoryRow], turns: int) -> str:
    """Why a longer run isn't worth making; empty where it is."""
    if not before:
        return ""
    last = before[-1]
    if last.outcome != "completed":
        return f"not run: {last.turns} turns did not complete"
    kept = last.store_bytes * (turns / last.turns) ** 2
    if kept > HOPELESS_BYTES and last.store_bytes / last.turns > 10 * MOST_BYTES_A_TURN:
        return f"not run: would keep about {kept / 1e9:.1f} GB"
    return ""


def verdicts(rows: Sequence[HistoryRow]) -> list[Verdict]:
    ours = sorted((row for row in rows if row.system == FARMSTEAD.name), key=lambda row: row.turns)
    by_turns = {row.turns: row for row in ours}
    found = [Verdict(row.outcome == "completed", f"{row.turns} turns: {row.outcome}") for row in ours[-1:]]
    found += [_slope(ours[0], row) for row in ours[1:]]
    if {50, 1000} <= by_turns.keys():
        ratio = _bytes(by_turns[1000]) / (20 * _bytes(by_turns[50]))
        found.append(Verdict(ratio <= STRAIGHT, f"1000 turns keep {ratio:.2f} times the history of 20 times 50"))
    return found


def _slope(shortest: HistoryRow, row: HistoryRow) -> Verdict:
    more = row.turns - shortest.turns
    size = (_bytes(row) - _bytes(shortest)) / more
    events = ((row.events or 0) - (shortest.events or 0)) / more
    holds = size <= MOST_BYTES_A_TURN and events <= MOST_EVENTS_A_TURN
    limits = f"at most {MOST_BYTES_A_TURN} and {MOST_EVENTS_A_TURN}"
    return Verdict(holds, f"{row.turns} turns: {size:.0f} bytes and {events:.1f} events a turn ({limits})")


def _bytes(row: HistoryRow) -> int:
    return row.history_bytes or 0
