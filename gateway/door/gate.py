"""The way to one role's vendor: so many calls at once, agents in turn, and shut while the vendor wants none.

What can't wait here is told when to come back, at a moment of its own: so a burst comes spread out, and not as a storm.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable

HOLD_S = 65.0
"""How long a call waits here for its turn. Longer than a vendor's minute: shorter, all are sent away just before the
vendor has room again, and whoever happens to come then goes first. Then it comes back: its worker has room meanwhile.
"""

HELD = 32
"""Calls of one agent that wait here at a time."""

LONGEST_S = 60.0
"""How long a caller is sent away, and the gate shut, whatever the vendor says."""

FEWEST = 2
"""Calls at once, however often the vendor said that it was too much."""

UNSAID_S = 2.0
"""How long the gate is shut for a vendor that says no and not for how long; doubled each time."""

FAILURES_IN_A_ROW = 5
"""After so many the vendor is taken to be away: one call at a time is let in, to see."""

AWAY_S = 10.0
"""How long nobody is let in then. No longer than Temporal waits: what stood still goes on soon after the end."""

PACE_OVER_S = 60.0


class Busy(Exception):
    """No room now. Come back in `retry_after_s`."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"come back in {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class Gate:
    """Of one role. Used from one event loop."""

    def __init__(self, at_once: int, hold_s: float = HOLD_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._top = at_once
        self._hold_s = hold_s
        self._clock = clock
        self._limit = float(at_once)
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._appointments: dict[str, float] = {}
        self._admitted: deque[float] = deque(maxlen=1000)
        self._opens_at = 0.0
        self._refused = 0
        self._failed = 0
        self.under_way = 0

    # -- in and out --

    async def enter(self, agent: str) -> None:
        """Returns when it is this call's turn. `Busy` where that isn't soon; each entry wants one `leave`."""
        if not self.waiting and self._has_room():
            self._admit()
            return
        mine = self._waiting.setdefault(agent, deque())
        if len(mine) >= HELD:
            raise Busy(self._appointment(agent))
        turn = asyncio.get_running_loop().create_future()
        mine.append(turn)
        self._wake_later()
        try:
            await asyncio.wait([turn], timeout=self._hold_s)
        except asyncio.CancelledError:
            if turn.done():
                self.leave()
            raise
        finally:
            self._strike_off(agent, turn)
        if not turn.done():
            raise Busy(self._appointment(agent))

    def leave(self) -> None:
        """A call is over; the next one's turn."""
        self.under_way -= 1
        self._call_up()

    # -- what the vendor said --

    def answered(self) -> None:
        """The vendor answered: it has room, and is there."""
        self._limit = min(self._top, self._limit + 1 / self._limit)
        self._refused = self._failed = 0

    def refused(self, retry_after_s: float | None) -> None:
        """The vendor has too much to do: nobody else is sent there until it wants to be asked again."""
        if not self.shut_s:
            self._refused += 1
            self._limit = max(min(FEWEST, self._top), self._limit / 2)
        self._shut(retry_after_s if retry_after_s is not None else UNSAID_S * 2.0 ** (self._refused - 1))

    def failed(self) -> None:
        """The vendor didn't answer, or with an error of its own."""
        self._failed += 1
        if self.is_away:
            self._shut(AWAY_S)

    # -- how it stands --

    @property
    def is_away(self) -> bool:
        """The vendor failed again and again, and nobody has had an answer since."""
        return self._failed >= FAILURES_IN_A_ROW

    @property
    def shut_s(self) -> float:
        """For how much longer nobody is let in."""
        return max(0.0, self._opens_at - self._clock())

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def at_once(self) -> int:
        """Calls let in at once, as things stand."""
        return 1 if self.is_away else max(1, int(self._limit))

    # -- turns --

    def _has_room(self) -> bool:
        return not self.shut_s and self.under_way < self.at_once

    def _admit(self) -> None:
        self.under_way += 1
        self._admitted.append(self._clock())

    def _call_up(self) -> None:
        """One of each agent in turn, while there is room."""
        while self._waiting and self._has_room():
            agent, its = next(iter(self._waiting.items()))
            turn = its.popleft()
            self._waiting.move_to_end(agent)
            if not its:
                del self._waiting[agent]
            self._admit()
            turn.set_result(None)

    def _strike_off(self, agent: str, turn: "asyncio.Future[None]") -> None:
        its = self._waiting.get(agent)
        if its and turn in its:
            its.remove(turn)
        if its is not None and not its:
            del self._waiting[agent]

    def _shut(self, seconds: float) -> None:
        self._opens_at = max(self._opens_at, self._clock() + min(seconds, LONGEST_S))
        self._wake_later()

    def _wake_later(self) -> None:
        if self.shut_s:
            asyncio.get_running_loop().call_later(self.shut_s + 0.01, self._call_up)

    # -- appointments --

    def _appointment(self, agent: str) -> float:
        """Seconds until the next moment that is nobody else's of this agent, by the pace at which calls are let in."""
        now = self._clock()
        agents = max(1, len(self._waiting))
        after = max(self._appointments.get(agent, 0.0), now + self.shut_s) + agents / self._pace(now)
        self._appointments[agent] = min(after, now + (2 * AWAY_S if self.is_away else LONGEST_S))
        return self._appointments[agent] - now

    def _pace(self, now: float) -> float:
        """Calls a second, lately."""
        lately = [at for at in self._admitted if at > now - PACE_OVER_S]
        if len(lately) < FEWEST:
            return 1.0
        return len(lately) / max(1.0, now - lately[0])
