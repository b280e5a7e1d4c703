"""`./farm bench storm`: many runs of two agents at once, and a vendor that takes few calls a minute."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand
from tests.bench.storm_agents import NOISY, QUIET
from tests.bench.storm_runs import Answered, Storm, raise_storm
from tests.integration.model_gateway import model_gateway

KEYS = {NOISY.name: "sk-of-the-noisy-agent", QUIET.name: "sk-of-the-quiet-agent"}
LEAST_SHARE = 0.75
"""Of the other agent's answers, that an agent must have had while both had something to do."""

MOST_REFUSED = 0.5
"""Of the vendor's answers, that may have been refusals: a storm would make many times as many."""

NOTES = (
    "The vendor's minute is scaled: `minute_s` says how long it lasts here, and its Retry-After is in whole seconds. "
    "refused: by the vendor, with 429. share: answers of the agent that had fewer, of the other's, from when both "
    "stood at the gate (400 runs take Temporal longer to begin than 100) until the first of them was done. "
    "ideal_s: what so many calls take at the vendor's limit with nobody in the way.",
)


@dataclass(frozen=True)
class Size:
    noisy: int
    quiet: int
    a_minute: int
    minute_s: float


FULL = Size(noisy=400, quiet=100, a_minute=50, minute_s=20.0)
QUICK = Size(noisy=24, quiet=8, a_minute=10, minute_s=2.0)


@dataclass(frozen=True)
class StormRow:
    runs: int
    noisy: int
    quiet: int
    a_minute: int
    minute_s: float
    finished: int
    calls: int
    """Rows of the ledger."""

    answered: int
    """By the vendor: what is over `calls` was paid twice."""

    refused: int
    share: float
    quiet_done_s: float
    took_s: float
    ideal_s: float


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    size = QUICK if quick else FULL
    room = stand.room("storm")
    vendor = {"SANDBOX_MODEL_RPM": str(size.a_minute), "SANDBOX_MODEL_WINDOW_SECONDS": str(size.minute_s)}
    kept = str(room / "answers.db")
    with model_gateway(room, vendor, FARM_GATEWAY_KEYS=json.dumps(KEYS), FARM_GATEWAY_KEPT=kept) as gateway:
        runs = {NOISY.name: size.noisy, QUIET.name: size.quiet}
        storm = await raise_storm(stand.temporal, room, gateway.url, KEYS, runs)
        counted = gateway.figures()
    row = _row(size, storm, counted["calls"], int(counted["refused"].get("429", 0)))
    return Report("A burst, and a vendor that takes few", [asdict(row)], verdicts(row), NOTES)


def _row(size: Size, storm: Storm, answered: int, refused: int) -> StormRow:
    runs = size.noisy + size.quiet
    done = {name: max((each.at for each in storm.ledger if each.agent == name), default=0.0) for name in KEYS}
    return StormRow(
        runs=runs,
        noisy=size.noisy,
        quiet=size.quiet,
        a_minute=size.a_minute,
        minute_s=size.minute_s,
        finished=storm.outcomes.count("completed"),
        calls=len(storm.ledger),
        answered=answered,
        refused=refused,
        share=share(storm.ledger, min(done.values())),
        quiet_done_s=done[QUIET.name] - storm.began,
        took_s=storm.took_s,
        ideal_s=(runs / size.a_minute - 1) * size.minute_s,
    )


def share(ledger: Sequence[Answered], until: float) -> float:
    """Of the answers that the agent with more had by then, those that the other had.

    From when both had asked: who hasn't yet is waiting for Temporal and not for its turn.
    """
    first = {name: min((each.asked_at for each in ledger if each.agent == name), default=until) for name in KEYS}
    had = Counter(dict.fromkeys(KEYS, 0))
    had.update(each.agent for each in ledger if max(first.values()) < each.at <= until)
    return min(had.values()) / max(1, *had.values())


def verdicts(row: StormRow) -> list[Verdict]:
    """All finish, nothing is paid twice, the vendor isn't stormed, and nobody waits for the other's work to be over."""
    return [
        Verdict(row.finished == row.runs, f"{row.finished} of {row.runs} runs finished"),
        Verdict(
            row.calls == row.answered == row.runs,
            f"{row.runs} calls asked for, {row.calls} in the ledger, {row.answered} answered by the vendor",
        ),
        Verdict(
            row.refused <= MOST_REFUSED * row.answered,
            f"the vendor refused {row.refused} calls, at most {MOST_REFUSED * row.answered:.0f}",
        ),
        Verdict(
            row.share >= LEAST_SHARE,
            f"while both had something to do, the one had {row.share:.2f} of the other's answers, at least "
            f"{LEAST_SHARE}",
        ),
    ]
