"""How much the door takes on of one source: requests that are there, that are worked on, a second. 0 is no limit."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext

from starter.refusals import Refused

AT_ONCE = 32
"""Requests of one source that are really worked on. More of them at once are none the faster done, and whoever is in a
hurry (Slack) would have to share the processor and the store with all of them. The others stand in line.
"""

IN_LINE_S = 5.0
"""Seconds that one may stand there: its sender gives up after 10."""


class InFlight:
    """Counts the requests that are there, and turns away what is over. What is more than `at_once` waits its turn."""

    def __init__(self, most: int, at_once: int = 0) -> None:
        self._most = most
        self._turns = asyncio.Semaphore(at_once) if at_once else nullcontext()
        self.now = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """For as long as one request takes. Raises Refused 503."""
        if self._most and self.now >= self._most:
            raise Refused(503, f"{self.now} requests are being worked on already", "in_flight", retry_s=1)
        self.now += 1
        try:
            async with AsyncExitStack() as turn:
                await self._turn(turn)
                yield
        finally:
            self.now -= 1

    async def _turn(self, turn: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(IN_LINE_S):
                await turn.enter_async_context(self._turns)
        except TimeoutError as error:
            raise Refused(503, f"it wasn't its turn within {IN_LINE_S:g} s", "in_flight", retry_s=1) from error


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
