"""A few fields of a tool's answer, where a workflow wants to read them and the whole is too long for it. Pure."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from store.canonical import canonical, content_hash

LONGEST = 200
"""Bytes of JSON of one value. A longer one is told by its hash, by which it can still be told from another."""


def picked(data: Mapping[str, JsonValue], paths: Sequence[str]) -> dict[str, JsonValue]:
    """Path -> value. `person.name`: steps into objects, and by number (`recent_mails.0.id`) into lists."""
    found: dict[str, JsonValue] = {}
    for path in paths:
        try:
            found[path] = _brief(_at(dict(data), path.split(".")))
        except (LookupError, ValueError):
            continue
    return found


def _at(value: JsonValue, steps: Sequence[str]) -> JsonValue:
    for step in steps:
        if isinstance(value, dict):
            value = value[step]
        elif isinstance(value, list):
            value = value[int(step)]
        else:
            raise LookupError(step)  # noqa: TRY004  the path is wrong, not the value
    return value


def _brief(value: JsonValue) -> JsonValue:
    text = canonical(value)
    return value if len(text.encode()) <= LONGEST else f"sha256:{content_hash(text)}"
