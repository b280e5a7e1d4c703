"""What is heard of each call under way, for whoever asked it: `GET /farm/calls`. Figures, and no word of a call.

By it a worker tells a vendor who is slow from one who stands still, and both from a gateway that is gone.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from gateway.door.asked import Asked

Clock = Callable[[], float]


class Heard:
    """Of one call."""

    def __init__(self, asked: Asked, clock: Clock) -> None:
        self._asked = asked
        self._clock = clock
        self._asked_at = clock()
        self._sent_at: float | None = None
        self._first_at: float | None = None
        self._last_at: float | None = None
        self._streams = False
        self._characters = 0

    def sent(self) -> None:
        """It is its turn: the call goes to the vendor."""
        self._sent_at = self._clock()

    def streams(self) -> None:
        """Its answer comes in pieces; of another nothing is heard until it is whole."""
        self._streams = True

    def sign(self, characters: int = 0) -> None:
        """The vendor said something: a piece of the answer, or only that it lives."""
        self._last_at = self._clock()
        if characters and self._first_at is None:
            self._first_at = self._last_at
        self._characters += characters

    @property
    def role(self) -> str:
        return self._asked.role

    def silent_s(self) -> float:
        """Since the last sign of life of a vendor who streams; of another's there is none to wait for."""
        since = self._last_at or self._sent_at
        return self._clock() - since if self._streams and since is not None else 0.0

    def figures(self) -> dict[str, Any]:
        """As JSON: `contracts.progress.CallProgress`."""
        now = self._clock()
        return {
            "asked_s": round(now - self._asked_at, 1),
            "sent_s": _since(self._sent_at, now),
            "streams": self._streams,
            "first_after_s": None if self._first_at is None else _since(self._sent_at, self._first_at),
            "last_s": _since(self._last_at, now),
            "characters": self._characters,
        }


class UnderWay:
    """All calls that have a name."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, str], Heard] = {}

    @contextmanager
    def call(self, asked: Asked) -> Iterator[Heard]:
        """It is under way while the block lasts; `heard()` is of it there."""
        name, heard = (asked.credential, asked.logical_call), Heard(asked, self._clock)
        self._calls[name] = heard
        token = _heard.set(heard)
        try:
            yield heard
        finally:
            _heard.reset(token)
            if self._calls.get(name) is heard:
                del self._calls[name]

    def of(self, credential: str) -> dict[str, Any]:
        """Logical call -> its figures, of one caller's."""
        return {call: heard.figures() for (whose, call), heard in self._calls.items() if call and whose == credential}

    def silent_s(self, role: str) -> float:
        """The longest silence in which a call of the role is waited for."""
        return round(max((each.silent_s() for each in self._calls.values() if each.role == role), default=0.0), 1)


_heard: ContextVar[Heard | None] = ContextVar("farm_heard", default=None)


def heard() -> Heard | None:
    """Of the call that is being answered; None where nobody asks."""
    return _heard.get()


def _since(then: float | None, now: float) -> float | None:
    return None if then is None else round(now - then, 1)
