"""One plain line that says what a Pipedrive webhook is about."""

import html
import re
from collections.abc import Mapping

from pydantic import JsonValue

from contracts.events import Change

LONGEST = 500
"""Characters: `Event.summary`'s own limit."""

LONGEST_TEXT = 240
LONGEST_VALUE = 60

VERBS = {"create": "created", "change": "changed", "delete": "deleted"}
HEADINGS = ("title", "subject", "name")
"""What a person calls an object; each kind has one of them, or none."""


def summarise(
    entity: str,
    action: str,
    entity_id: str,
    fields: Mapping[str, JsonValue],
    changes: Mapping[str, Change],
    *,
    merged_to: str = "",
    merged_from: str = "",
) -> str:
    """`Deal 42 "Les Tilleuls" changed: stage_id 2 -> 3`, at most 500 characters."""
    verb = f"merged into {merged_to}" if merged_to else f"merged with {merged_from}" if merged_from else VERBS[action]
    parts = [f"{entity.capitalize().replace('_', ' ')} {entity_id}{_heading(fields)} {verb}"]
    if changes:
        parts.append(", ".join(_change(name, change) for name, change in changes.items()))
    elif text := _text(entity, fields):
        parts.append(text)
    return _cut(": ".join(parts), LONGEST)


def _heading(fields: Mapping[str, JsonValue]) -> str:
    title = next((fields[name] for name in HEADINGS if fields.get(name)), None)
    return f' "{_cut(title, LONGEST_TEXT)}"' if isinstance(title, str) and title else ""


def _text(entity: str, fields: Mapping[str, JsonValue]) -> str:
    """What a person wrote, without its HTML."""
    text = fields.get("content" if entity == "note" else "note") or fields.get("description")
    return _cut(_plain(text), LONGEST_TEXT) if isinstance(text, str) else ""


def _change(name: str, change: Change) -> str:
    return f"{name} {_value(change.old)} -> {_value(change.new)}"


def _value(value: JsonValue) -> str:
    return "none" if value is None else _cut(_plain(str(value)), LONGEST_VALUE)


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
