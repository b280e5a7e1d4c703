"""The sales agent's decisions that need no model: pure functions, no Temporal."""

from collections.abc import Iterable
from datetime import date, datetime

from contracts.events import Change, Event
from workflows.news import line


def merge(events: Iterable[Event]) -> tuple[Event, ...]:
    """Fold the changes of one object within a window into one event, and keep every other event as it is.

    A field changed twice shows its first old and its last new value. Nothing is left out: a field that came
    back to where it was still shows, for the client may have seen it move.
    """
    folds: dict[tuple[str, str], list[Event]] = {}
    for event in sorted(events, key=lambda each: each.occurred_at):
        slot = (event.kind, str(event.entity)) if event.kind == "deal.change" else (event.kind, event.id)
        folds.setdefault(slot, []).append(event)
    return tuple(_folded(fold) for fold in folds.values())


def _folded(fold: list[Event]) -> Event:
    first, last = fold[0], fold[-1]
    if first is last:
        return first
    return last.model_copy(
        update={
            "id": first.id,
            "actor": ", ".join(sorted({event.actor for event in fold if event.actor})),
            "summary": _summary(fold),
            "changes": _changes(fold),
        }
    )


def _summary(fold: list[Event]) -> str:
    # A summary repeats the changes where there are any; without them it is all that the event says.
    told = [event.summary for event in fold if event is fold[-1] or not event.changes]
    return "; ".join(dict.fromkeys(summary for summary in told if summary))


def _changes(fold: list[Event]) -> dict[str, Change]:
    changes: dict[str, Change] = {}
    for event in fold:
        for field, change in event.changes.items():
            first = changes.get(field, change)
            changes[field] = Change(old=first.old, new=change.new)
    return changes


def triage_brief(events: Iterable[Event], today: date) -> str:
    """What the triage model reads: the date, and one JSON line an event."""
    merged = merge(events)
    lines = [f"Today is {today.isoformat()}.", f"Events ({len(merged)}, oldest first), one JSON object a line:"]
    lines += [line(event) for event in merged]
    return "\n".join(lines)


def orchestrator_brief(events: Iterable[Event], now: datetime, reason: str, follow_up: str) -> str:
    """What the orchestrator reads first: the events, why triage let them through, and what is already planned."""
    parts = [triage_brief(events, now.date()), f"Triage says: {reason}"]
    if follow_up:
        parts.append(f"A follow-up is planned: {follow_up}")
    return "\n\n".join(parts)
