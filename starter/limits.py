"""How much the door takes on of one source: so many requests in flight, so many a second. 0 is no limit."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starter.refusals import Refused


class InFlight:
    """Counts the requests that are being worked on, and turns away what is over."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.now = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """For as long as one request takes. Raises Refused 503."""
        if self._most and self.now >= self._most:
            raise Refused(503, f"{self.now} requests are being worked on already", "in_flight", retry_s=1)
        self.now += 1
        try:
            yield
        finally:
            self.now -= 1


class Rate:
    """At most so many a second of one source, and a burst of one second's worth."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._most = max(per_s, 1.0)
        self._clock = clock
        self._left = self._most
        self._at = clock()

    def take(self) -> None:
        """Count one. Raises Refused 429."""
        if not self._per_s:
            return
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            raise Refused(429, f"more than {self._per_s:g} requests a second", "rate", retry_s=1)
        self._left -= 1
