"""Events of the farm's own making, and how a model is told of any. Pure."""

import json
from collections.abc import Sequence
from datetime import datetime

from contracts.events import EntityRef, Event
from contracts.workflows import FollowUp

LONGEST_SUMMARY = 500
CLOCK = "timer"


def follow_up_due(agent: str, entity: EntityRef, follow_up: FollowUp, told: str, now: datetime) -> Event:
    """The date that an agent had set itself has come."""
    return Event(
        id=f"follow-up:{follow_up.at.isoformat()}",
        source=CLOCK,
        kind="follow_up.due",
        entity=entity,
        occurred_at=now,
        actor=f"agent:{agent}",
        summary=told[:LONGEST_SUMMARY],
    )


def follow_up_off(agent: str, follow_up: FollowUp, cause: Event, told: str, now: datetime) -> Event:
    """Something came before the date that an agent had set itself. It stands as far from a person as its cause."""
    return Event(
        id=f"follow-up-off:{follow_up.at.isoformat()}:{cause.key}",
        source=CLOCK,
        kind="follow_up.off",
        entity=cause.entity,
        occurred_at=max(now, cause.occurred_at),
        actor=f"agent:{agent}",
        tenant=cause.tenant,
        summary=told[:LONGEST_SUMMARY],
        hop=cause.hop,
    )


def last_from_outside(events: Sequence[Event]) -> Event:
    """The last that wasn't the entity's own clock; where there is no other, that."""
    return next((event for event in reversed(events) if event.source != CLOCK), events[-1])


def line(event: Event) -> str:
    """One JSON object on one line, without what is empty."""
    shown = {
        "at": event.occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kind": event.kind,
        "entity": str(event.entity),
        "by": event.actor,
        "summary": event.summary,
        "changes": {field: [change.old, change.new] for field, change in event.changes.items()},
    }
    return json.dumps({key: value for key, value in shown.items() if value}, ensure_ascii=False)


def brief(came: Sequence[Event]) -> str:
    """What is told to a model that is at work already; empty where nothing came."""
    if not came:
        return ""
    return "\n".join(["News came while you work, one JSON object a line:", *map(line, came)])
