"""Events of the farm's own making, and how a model is told of any. Pure."""

import json
from collections.abc import Sequence
from datetime import datetime

from contracts.events import EntityRef, Event
from contracts.workflows import FollowUp


def follow_up_due(agent: str, entity: EntityRef, follow_up: FollowUp, now: datetime) -> Event:
    """The date that an agent had set itself has come."""
    return Event(
        id=f"follow-up:{follow_up.at.isoformat()}",
        source="timer",
        kind="follow_up.due",
        entity=entity,
        occurred_at=now,
        actor=f"agent:{agent}",
        summary=f"A planned follow-up is due: {follow_up.reason}",
    )


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
