"""How a model is told of events. Pure."""

import json
from collections.abc import Sequence

from contracts.events import Event


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
