"""The hash chain of a conversation: each turn's name is made from its parent's name and its own messages."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from store.canonical import content_hash, decoded, encoded

ROOT = ""
"""The parent of a conversation's first turn."""


@dataclass(frozen=True)
class Turn:
    """The messages added since the parent, as canonical JSON: a list, or `{"anew": list}` where a conversation goes on
    from a summary. What lies before such a turn is still there to be read, and isn't shown to a model any more.
    """

    parent: str
    messages: str

    @property
    def anew(self) -> bool:
        return self.messages.startswith("{")

    @cached_property
    def head(self) -> str:
        return content_hash(f"{self.parent}\n{self.messages}")


@dataclass(frozen=True)
class Break:
    """Where a stored chain isn't what was written."""

    head: str
    reason: Literal["missing", "altered"]

    def __str__(self) -> str:
        return f"turn {self.head[:12]} is {self.reason}"


def packed(turn: Turn) -> bytes:
    return zlib.compress(encoded(turn.messages))


def unpacked(parent: str, body: bytes) -> Turn:
    """A turn as stored. A body that can't be read is a turn with no messages, which its hash then gives away."""
    try:
        return Turn(parent, decoded(zlib.decompress(body)))
    except (zlib.error, UnicodeDecodeError):
        return Turn(parent, "")


def walk(head: str, turns: Mapping[str, Turn], *, whole: bool = True) -> tuple[list[Turn], list[Break]]:
    """Follow the parents from `head`: the turns oldest first, and what is wrong with them.

    To the root; or, where not `whole`, to the turn from which the conversation went on anew.
    """
    found: list[Turn] = []
    breaks: list[Break] = []
    visited: set[str] = set()
    while head != ROOT:
        turn = turns.get(head)
        if turn is None or head in visited:
            breaks.append(Break(head, "missing" if turn is None else "altered"))
            break
        visited.add(head)
        if turn.head != head:
            breaks.append(Break(head, "altered"))
        found.append(turn)
        head = turn.parent if whole or not turn.anew else ROOT
    return found[::-1], breaks
