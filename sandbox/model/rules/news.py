"""The events in a request: one JSON object a line, as an agent's brief shows them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class News:
    """One event. `changes` gives a field's old and new value."""

    kind: str
    by: str = ""
    entity: str = ""
    summary: str = ""
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def news_in(text: str) -> tuple[News, ...]:
    """Every line that is a JSON object with a `kind`. A request without one is one piece of news, in words."""
    found = tuple(_news(item) for line in text.splitlines() if (item := _object(line)) and "kind" in item)
    return found or (News(kind="text", summary=text),)


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line.strip().removeprefix("- "))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _news(item: Mapping[str, Any]) -> News:
    return News(
        kind=str(item["kind"]),
        by=str(item.get("by") or item.get("actor") or ""),
        entity=str(item.get("entity", "")),
        summary=str(item.get("summary", "")),
        changes={name: _change(change) for name, change in (item.get("changes") or {}).items()},
    )


def _change(change: Any) -> tuple[Any, Any]:
    match change:
        case {"old": old, "new": new}:
            return old, new
        case [old, new]:
            return old, new
        case _:
            return None, change
