"""How each role's vendor has been lately, for whoever asks `GET /farm/vendors`: figures, and no word of a call."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

LATELY_S = 300.0
MOST = 5000
"""Ends that are remembered of a role; with more in five minutes the figures are of the latest."""


class RoleSeen:
    """One role's."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: deque[tuple[float, int, bool]] = deque(maxlen=MOST)
        self._last_error: tuple[float, int] | None = None
        self._under_way: dict[object, float] = {}

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """A call is at the vendor while the block lasts."""
        call = object()
        self._under_way[call] = self._clock()
        try:
            yield
        finally:
            del self._under_way[call]

    def note(self, status: int, *, fallback: bool) -> None:
        """What a call came to. `fallback`: the role's standby answered."""
        now = self._clock()
        self._ends.append((now, status, fallback))
        if status >= HTTPStatus.BAD_REQUEST:
            self._last_error = (now, status)

    def figures(self) -> dict[str, Any]:
        """As JSON. The last error is told however old it is."""
        now = self._clock()
        lately = [(status, fallback) for at, status, fallback in self._ends if at > now - LATELY_S]
        errors = [status for status, _ in lately if status >= HTTPStatus.BAD_REQUEST]
        error = self._last_error
        return {
            "longest_s": round(now - min(self._under_way.values(), default=now), 1),
            "answered": len(lately) - len(errors),
            "failed": len(errors),
            "by_standby": sum(fallback for _, fallback in lately),
            "last_error": error and {"status": error[1], "seconds_ago": round(now - error[0], 1)},
        }
