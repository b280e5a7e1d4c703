"""The sales agent's decisions that need no model: pure functions, no Temporal."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from contracts.events import Change, Event


def merge(events: Iterable[Event]) -> tuple[Event, ...]:
    """Fold the changes of one object within a window into one event, and keep every other event as it is.

    A field changed twice shows its first old and its last new value. Nothing is left out: a field that came
    back to where it was still shows, for the client may have seen it move.
    """
    merged: dict[tuple[str, str], Event] = {}
    for event in sorted(events, key=lambda each: each.occurred_at):
        slot = (event.kind, str(event.entity)) if event.kind == "deal.change" else (event.kind, event.id)
        earlier = merged.get(slot)
        merged[slot] = event if earlier is None else _fold(earlier, event)
    return tuple(merged.values())


def _fold(earlier: Event, later: Event) -> Event:
    changes = dict(earlier.changes)
    for field, change in later.changes.items():
        first = changes.get(field)
        changes[field] = Change(old=first.old if first else change.old, new=change.new)
    actors = sorted({actor for each in (earlier, later) for actor in each.actor.split(", ") if actor})
    return later.model_copy(update={"changes": changes, "actor": ", ".join(actors), "id": earlier.id})


def triage_brief(events: Iterable[Event], today: date) -> str:
    """What the triage model reads: the date, and one JSON line an event."""
    merged = merge(events)
    lines = [f"Today is {today.isoformat()}.", f"Events ({len(merged)}, oldest first), one JSON object a line:"]
    lines += [_line(event) for event in merged]
    return "\n".join(lines)


def orchestrator_brief(events: Iterable[Event], now: datetime, reason: str, follow_up: str) -> str:
    """What the orchestrator reads first: the events, why triage let them through, and what is already planned."""
    parts = [triage_brief(events, now.date()), f"Triage says: {reason}"]
    if follow_up:
        parts.append(f"A follow-up is planned: {follow_up}")
    return "\n\n".join(parts)


def _line(event: Event) -> str:
    shown = {
        "at": event.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kind": event.kind,
        "entity": str(event.entity),
        "by": event.actor,
        "summary": event.summary,
        "changes": {field: [change.old, change.new] for field, change in event.changes.items()},
    }
    return json.dumps({key: value for key, value in shown.items() if value}, ensure_ascii=False)
