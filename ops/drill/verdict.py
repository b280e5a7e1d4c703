"""What a drill comes to: the numbers, and whether they are as they must be. Pure."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from ops.drill.evidence import Evidence

EACH_ROUND = ("note create", "activity create", "deal change title", "mail create", "mail sent", "question", "report")
"""What one round leaves behind on its deal, once each."""


class Verdict(BaseModel):
    """What `./farm drill ... --json` prints."""

    model_config = ConfigDict(frozen=True)

    drill: str
    runs: int
    """That were asked for, and began."""

    finished: int
    kills: int
    kills_at: dict[str, int]
    """By boundary."""

    ended_by_themselves: int
    """Workers that nobody killed and that are gone: they gave up, and others took their place."""

    tool_server_kills: int
    away_s: float
    """How long a part was away."""

    duplicates: int
    """Effects that stand twice in the CRM or in Slack, and events that two finished runs have."""

    lost: int
    """Effects that are missing there, and events that no finished run has."""

    in_doubt: int
    events: int
    effects: int
    paid_twice: int
    """Model calls that the vendor answered and that are in no ledger: their answers were lost, and asked for again."""

    by_standby: int
    """Model calls that a role's standby answered."""

    overloaded: int
    """Model calls that the vendor turned away with 529: each attempt counts."""

    chains: int
    broken_chains: int
    recoveries: int
    recovery_p50_s: float
    recovery_max_s: float
    took_s: float
    wrong: tuple[str, ...]
    """What is not as it must be, one sentence each; empty where the drill held."""


def duplicates(seen: Evidence, rounds: Mapping[int, int]) -> list[str]:
    """What is there more often than it may be, one line a surplus one."""
    found = []
    for (kind, deal), standing in sorted(seen.effects.items()):
        if deal in rounds:
            surplus = max(standing.total() - rounds[deal], standing.total() - len(standing))
            found += [f"deal:{deal}: {standing.total()} x {kind}, and {rounds[deal]} were due"] * surplus
    return found + [f"event {event} is in {number} runs" for event, number in seen.taken.items() if number > 1]


def lost(seen: Evidence, rounds: Mapping[int, int]) -> list[str]:
    """What should be there and isn't, one line each."""
    found = []
    for deal, due in sorted(rounds.items()):
        for kind in EACH_ROUND:
            standing = len(seen.effects.get((kind, deal), ()))
            found += [f"deal:{deal}: {standing} x {kind}, and {due} were due"] * (due - standing)
    return found + [f"event {event} is in no finished run" for event in sorted(seen.events) if not seen.taken[event]]


def overpaid(seen: Evidence) -> int:
    """Answers beyond one for each model call on record."""
    return max(0, seen.answered - seen.heads)


def unmet(seen: Evidence) -> Iterator[str]:
    """What is missing for an outage of the vendor to have been one."""
    if not seen.overloaded:
        yield "the vendor turned nobody away: the outage was none"
    if not seen.by_standby:
        yield "no standby answered: who has one shouldn't wait"


def complaints(
    seen: Evidence, twice: list[str], missing: list[str], late: list[str], *, gateway_died: bool = False
) -> Iterator[str]:
    """One sentence for each thing that is not as it must be. A gateway that dies takes the calls under way along."""
    yield from late
    for run, status in seen.runs.items():
        if status not in ("done", "skipped"):
            yield f"{run} ended as {status}: {seen.reasons[run][:200] or 'no reason on record'}"
    yield from (f"twice: {each}" for each in twice)
    yield from (f"lost: {each}" for each in missing)
    yield from (f"broken: {each}" for each in seen.broken)
    if overpaid(seen) and not gateway_died:
        yield f"{overpaid(seen)} model calls were paid twice: {seen.answered} answered, {seen.heads} in the ledger"
    if seen.undelivered:
        yield f"the CRM gave up on {seen.undelivered} events"
