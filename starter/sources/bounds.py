"""How large an event may be. It goes into Temporal's history and before a model: what is over is left out. Pure.

An agent reads the rest where it came from.
"""

import hashlib
from collections.abc import Iterator, Mapping

from contracts.events import Change, Event

LONGEST_ID = 200
MOST_CHANGES = 50
LARGEST = 16_000
"""Bytes of an event's JSON, about."""

LONGEST_SUMMARY = 500


def bounded(event: Event) -> Event:
    """The same event, or as much of it as fits, with a word in its summary on what doesn't."""
    changes = dict(_fitting(event.changes, LARGEST - len(event.model_copy(update={"changes": {}}).model_dump_json())))
    left_out = len(event.changes) - len(changes)
    told = f" [and {left_out} more changes, too many to tell]" if left_out else ""
    return event.model_copy(
        update={
            "id": short_name(event.id),
            "actor": short_name(event.actor),
            "changes": changes,
            "summary": event.summary[: LONGEST_SUMMARY - len(told)] + told,
        }
    )


def short_name(name: str) -> str:
    """A name that any index takes: itself, or a hash of it where it is too long or holds a NUL."""
    if len(name) <= LONGEST_ID and "\x00" not in name:
        return name
    return f"sha256:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"


def _fitting(changes: Mapping[str, Change], room: int) -> Iterator[tuple[str, Change]]:
    """The first changes that fit; one that is too large is passed over."""
    taken = 0
    for name, change in changes.items():
        size = len(name.encode("utf-8", "replace")) + len(change.model_dump_json()) + 4
        if taken == MOST_CHANGES:
            return
        if size <= room:
            room -= size
            taken += 1
            yield name, change
