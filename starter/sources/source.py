"""What a source is: its doors, who may come in by each, and how what is sent is read.

A module of this folder that holds one is a source, and needs no line anywhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, JsonValue

from contracts.events import Event
from starter.sources.no_event import Ignored
from starter.sources.traces import Traces, no_traces

ANY_NAME = "source"
"""The parameter of a path by which a sender says which source it is: of one door for many (`signed`)."""

Read = Callable[[Any], Event | Ignored]
"""From a decoded body to an event. Pure. Raises MalformedWebhookError."""


class UnknownSenderError(Exception):
    """Nobody who knows a secret sent this, or not just now; the message says which. `headers` go with the refusal."""

    def __init__(self, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.headers = headers


@dataclass(frozen=True)
class Sent:
    """The parts of a request by which its sender is known."""

    headers: Mapping[str, str]
    """By name in lower case."""

    path: Mapping[str, str] = field(default_factory=dict)
    """The path's parameters."""

    body: bytes = b""


def any_will_do(_: str) -> str:
    """No secret is too weak but the empty one, which is refused anyway."""
    return ""


@dataclass(frozen=True)
class Proof:
    """How a sender shows who it is."""

    check: Callable[[Sent, Sequence[str], float], None]
    """The request, the secrets that are valid now, and the time (Unix seconds). Takes the same time whichever secret
    is close. Raises UnknownSenderError.
    """

    scheme: Mapping[str, JsonValue] | None
    """The same for the API's description: a security scheme of OpenAPI, if it has one."""

    challenge: bool = False
    """A refusal says how one may come in (`WWW-Authenticate`)."""

    of_body: bool = True
    """The body is part of the proof. If not, no stranger's body is read at all."""

    flaw: Callable[[str], str] = any_will_do
    """Why a secret is none, or nothing."""


@dataclass(frozen=True)
class Door:
    """One path of a source, and the proof that is asked for there."""

    path: str
    proof: Proof
    secrets: str = ""
    """Under which name its secrets are kept (`FARM_SOURCE_SECRETS`), if not under the source's own."""


@dataclass(frozen=True)
class Source:
    """`name`: what its events are of, and what agents listen to."""

    name: str
    doors: tuple[Door, ...]
    read: Read
    sends: type[BaseModel]
    """The format of what is read, for the API's description."""

    about: str
    """One line for the same: who sends what."""

    traces: Callable[[Any], Traces] = no_traces
    """What a payload that `read` took shows of the write behind it, where the farm writes there itself. Pure."""

    def keeps_secrets_as(self, door: Door) -> str:
        """The name of a door's secrets."""
        return door.secrets or self.name
