"""What a drill of the intake comes to: the numbers, and whether they are as they must be. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ops.drill.intake.evidence import Evidence, Run
from ops.drill.intake.vendor import Posted

TAKEN = frozenset({"accepted", "spooled", "duplicate"})
"""Answers that promise the event to a run."""

TURNED_AWAY = frozenset({"refused", "quarantined"})


class IntakeVerdict(BaseModel):
    """What `./farm drill intake --json` prints."""

    model_config = ConfigDict(frozen=True)

    drill: Literal["intake"] = "intake"
    verdict: Literal["held", "failed"]
    sent: int
    """Webhooks, each once however often it had to be sent again."""

    accepted: int
    """Events that got a 2xx that promises them to a run."""

    delivered: int
    """Of these, those that are in a run."""

    duplicates: int
    """Webhooks that the starter answered as sent before."""

    refused: int
    """Of the garbage, refused; `quarantined` is the rest of it."""

    quarantined: int
    cut: int
    """Requests whose answer never came, for the starter died over them."""

    put_off: int
    """Requests that nobody took: a refused connection, a 503."""

    lost: int
    twice: int
    out_of_order: int
    untold: int
    """Events that were written down at the door and taken in once more, instead of told as duplicates."""

    spooled: int
    """Events that went over the spool."""

    kills: int
    outage_s: float
    drain_s: float
    """From Temporal's return until the spool was empty."""

    runs: int
    took_s: float
    wrong: tuple[str, ...]
    """What is not as it must be, one sentence each; empty where the drill held."""


def verdict(seen: Evidence, *, kills: int, outage_s: float, drain_s: float, took_s: float) -> IntakeVerdict:
    """Count, and judge."""
    promised, handed = accepted(seen.posted), taken(seen.runs)
    missing, double = lost(promised, handed), twice(handed)
    mixed, unknowing = out_of_order(promised, seen.runs), untold(seen.door)
    wrong = tuple(complaints(seen, [*missing, *double, *mixed, *unknowing]))
    return IntakeVerdict(
        verdict="failed" if wrong else "held",
        sent=len(seen.posted),
        accepted=len(promised),
        delivered=len(promised.keys() & handed.keys()),
        duplicates=sum(each.outcome == "duplicate" for each in seen.posted),
        refused=sum(each.outcome == "refused" for each in seen.posted),
        quarantined=sum(each.outcome == "quarantined" for each in seen.posted),
        cut=sum(each.cut for each in seen.posted),
        put_off=sum(each.put_off for each in seen.posted),
        lost=len(missing),
        twice=len(double),
        out_of_order=len(mixed),
        untold=len(unknowing),
        spooled=seen.spooled,
        kills=kills,
        outage_s=outage_s,
        drain_s=drain_s,
        runs=len(seen.runs),
        took_s=took_s,
        wrong=wrong,
    )


def accepted(posted: Iterable[Posted]) -> dict[str, int]:
    """Event -> its deal, in the order in which the sender was told that they are taken. Of a deal that is the order in
    which they were sent, for the next goes out only after the answer.
    """
    taken_in = (each.letter for each in posted if each.letter.event and each.outcome in TAKEN)
    return {letter.event: letter.deal for letter in taken_in}


def taken(runs: Iterable[Run]) -> Counter[str]:
    """Event -> how often it is in a run."""
    return Counter(event for run in runs for event in run.events)


def lost(promised: Mapping[str, int], handed: Mapping[str, int]) -> list[str]:
    return [f"lost: {event} of deal:{deal} is in no run" for event, deal in promised.items() if event not in handed]


def twice(handed: Mapping[str, int]) -> list[str]:
    return [f"twice: {event} was handed to runs {number} times" for event, number in handed.items() if number > 1]


def out_of_order(promised: Mapping[str, int], runs: Iterable[Run]) -> list[str]:
    """Events that a deal's runs got after one that had been sent later."""
    place = {event: number for number, event in enumerate(promised)}
    given: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        given[run.entity] += [event for event in run.events if event in place]
    return [
        f"out of order: {after} reached {entity} after {before}"
        for entity, events in given.items()
        for before, after in pairwise(events)
        if place[before] > place[after]
    ]


def untold(door: Mapping[str, Sequence[str]]) -> list[str]:
    """What comes over the spool is written down twice: as spooled, and as accepted once Temporal has it."""
    once = {("accepted",), ("spooled",), ("spooled", "accepted")}
    return [
        f"not told: {event} was taken in again: {entries}" for event, entries in door.items() if entries not in once
    ]


def complaints(seen: Evidence, found: Iterable[str]) -> Iterator[str]:
    """One sentence for each thing that is not as it must be."""
    yield from found
    for each in seen.posted:
        if each.letter.kind == "garbage" and each.outcome not in TURNED_AWAY:
            yield f"garbage was answered {each.outcome}: {each.letter.body!r}"
        if each.letter.kind != "garbage" and each.outcome not in TAKEN:
            yield f"{each.letter.event} was answered {each.outcome}"
    sent = {each.letter.event for each in seen.posted}
    for run in seen.runs:
        yield from (f"{run.name} got {event}, which nobody sent" for event in run.events if event not in sent)
        if run.status != "done":
            yield f"{run.name} ended as {run.status}"
    if seen.waiting:
        yield f"{seen.waiting} events are in the spool still"
    kept = sum(each.outcome == "quarantined" for each in seen.posted)
    if seen.quarantined < kept:
        yield f"{kept} were told that they are in quarantine, and {seen.quarantined} are there"
