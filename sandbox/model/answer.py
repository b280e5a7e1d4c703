"""What a rule answers: words, tool calls, or a document that fits the schema asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """A tool call that a rule makes."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """One turn of the stand-in. `reasoning` says which rule spoke and what it saw."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    document: Mapping[str, Any] | None = None
    reasoning: str = ""
