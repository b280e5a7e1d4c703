"""A burst of two agents at a vendor who counts by the minute, in a time of its own: minutes pass in no time."""

import asyncio
import math
import selectors
from collections import Counter
from dataclasses import dataclass, field

from gateway.door.gate import Busy, Gate

MINUTE_S = 60.0
A_MINUTE = 50
ANSWER_S = 0.3


class Ahead(asyncio.SelectorEventLoop):
    """Goes to the next moment at which something is to be done."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Impatient(self))

    def time(self) -> float:
        return self._now

    def skip(self, seconds: float) -> None:
        self._now += seconds


class _Impatient(selectors.DefaultSelector):
    def __init__(self, loop: Ahead) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout:
            self._loop.skip(timeout)
        return found


@dataclass
class Vendor:
    """Answers so many a minute, and says no to the others until the next one."""

    loop: Ahead
    asked: Counter[int] = field(default_factory=Counter)
    refused: int = 0

    async def ask(self) -> float:
        """Seconds to come back in; 0 for an answer."""
        minute = int(self.loop.time() // MINUTE_S)
        self.asked[minute] += 1
        await asyncio.sleep(ANSWER_S)
        if self.asked[minute] <= A_MINUTE:
            return 0.0
        self.refused += 1
        return float(math.ceil((minute + 1) * MINUTE_S - self.loop.time()))


@dataclass
class Burst:
    """Each agent's calls, all at once, and when each was answered."""

    calls: dict[str, int]
    loop: Ahead = field(default_factory=Ahead)
    answered: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vendor = Vendor(self.loop)
        self.gate = Gate(64, clock=self.loop.time)
        try:
            self.loop.run_until_complete(self._all())
        finally:
            self.loop.close()

    async def _all(self) -> None:
        await asyncio.gather(*(self._one(agent) for agent, many in self.calls.items() for _ in range(many)))

    async def _one(self, agent: str) -> None:
        while True:
            try:
                await self.gate.enter(agent)
            except Busy as busy:
                await asyncio.sleep(busy.retry_after_s)
                continue
            try:
                wait_s = await self.vendor.ask()
                self.gate.refused(wait_s) if wait_s else self.gate.answered()
            finally:
                self.gate.leave()
            if not wait_s:
                self.answered.setdefault(agent, []).append(self.loop.time())
                return
            await asyncio.sleep(wait_s)


def test_agents_share_a_vendor_while_both_have_something_to_do():
    """The one with 100 calls has at least three quarters of what the one with 400 has, until it is done."""
    burst = Burst({"noisy": 400, "quiet": 100})
    done = max(burst.answered["quiet"])
    noisy = sum(at <= done for at in burst.answered["noisy"])
    assert 0.75 * noisy <= 100
    assert done < max(burst.answered["noisy"])


def test_a_burst_takes_not_much_longer_than_the_vendors_limit():
    """And the vendor says no to fewer calls than it answers."""
    burst = Burst({"noisy": 400, "quiet": 100})
    assert max(max(each) for each in burst.answered.values()) <= 1.4 * (500 / A_MINUTE - 1) * MINUTE_S
    assert burst.vendor.refused <= 250
