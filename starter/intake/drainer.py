"""Brings what is in the spool to Temporal: the oldest first, in order per workflow, however many starters there are."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from pydantic import ValidationError
from pydantic_core import to_json

from contracts.agents import AgentSpec
from contracts.events import Event
from starter.intake.accepting import EVENT_JSON
from starter.intake.backlog import Backlog
from starter.intake.delivery import Delivery, NotDeliveredError, RefusedForGoodError
from starter.intake.door_book import AWAY
from starter.unforeseen import log_unforeseen
from store.inbox import Spooled, Waiting
from store.quarantine import Unread

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Workflows that are served side by side."""

LOOK_EVERY = 1.0
"""Seconds between two looks with nothing to do: another starter may have died with rows in the spool."""

SHORTEST, LONGEST = 0.25, 1.0
"""Seconds between two questions to a Temporal that is away; each takes up to two seconds more."""

REST = timedelta(seconds=1)
LONGEST_REST = timedelta(minutes=1)
"""Of a row that can't be delivered while others can."""

SWEEP_EVERY = 3600.0
PARTING = 5.0
"""Seconds that what is under way gets at the end."""


class Inbox(Protocol):
    """The part of `store.inbox.Inbox` that is used here."""

    lease: timedelta

    async def take(self) -> Sequence[Spooled]: ...
    async def delivered(self, rows: Sequence[tuple[Spooled, Event]], at: datetime) -> None: ...
    async def put_off(self, row: Spooled, error: str, pause: timedelta) -> None: ...
    async def set_aside(self, row: Spooled, unread: Unread, at: datetime) -> None: ...
    async def waiting(self) -> Waiting: ...
    async def queued(self) -> Collection[str]: ...


Sweep = Callable[[datetime], Awaitable[int]]
"""Removes what is older than that."""


class Drainer:
    """One per starter. `run` until `stop`. `sweeps`: what it removes now and then, and for how long each is kept.
    `backlog`: told each round what the spool holds.
    """

    def __init__(
        self,
        inbox: Inbox,
        delivery: Delivery,
        agents: Iterable[AgentSpec],
        sweeps: Sequence[tuple[Sweep, timedelta]] = (),
        backlog: Backlog | None = None,
    ) -> None:
        self._inbox = inbox
        self._sweeps = sweeps
        self._backlog = backlog or Backlog()
        self._delivery = delivery
        self._agents = {spec.name: spec for spec in agents}
        self._news = asyncio.Event()
        self._stopping = False
        self._readable = True
        self._swept_at = time.monotonic() - SWEEP_EVERY

    def wake(self) -> None:
        """There is something in the spool."""
        self._news.set()

    async def run(self) -> None:
        """Serve the spool. A store or a Temporal that is away is waited for; nothing ends this but `stop`."""
        pause = SHORTEST
        while not self._stopping:
            self._news.clear()
            well = await self._round()
            pause = SHORTEST if well else min(2 * pause, LONGEST)
            await self._wait(LOOK_EVERY if well else pause, for_news=well)

    async def stop(self, running: asyncio.Task[None]) -> None:
        """Let what is under way finish: a signal that was sent is written down. What isn't done stays in the spool."""
        self._stopping = True
        self._news.set()
        await asyncio.wait([running], timeout=PARTING)
        running.cancel()
        await asyncio.wait([running])

    async def _wait(self, seconds: float, *, for_news: bool) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return
            if for_news:
                return
            self._news.clear()

    async def _round(self) -> bool:
        """Everything that can be taken now. False where Temporal or the store is away."""
        try:
            await self._backlog.look(self._inbox.queued)
            # A Temporal that may still be away is asked by one of us.
            if await self._serve_one():
                await asyncio.gather(*(self._serve_all() for _ in range(AT_ONCE)))
            elif self._delivery.away and not (await self._inbox.waiting()).rows:
                self._delivery.away = False  # nobody is left here to find out, so the next event does
            await self._sweep()
        except AWAY as error:
            if self._readable:
                log.warning("the spool can't be read: %s", type(error).__name__)
            self._readable = False
            return False
        except Exception as error:  # noqa: BLE001  what nobody foresaw must not end the drainer
            log_unforeseen("the spool wasn't served", error)
            return False
        self._readable = True
        return not self._delivery.away

    async def _serve_all(self) -> None:
        while not self._stopping and await self._serve_one():
            pass

    async def _serve_one(self) -> bool:
        """The rows of one workflow. False where there are none to take, or Temporal is away."""
        rows = await self._inbox.take()
        if not rows:
            return False
        done: list[tuple[Spooled, Event]] = []
        left = await self._deliver(rows, done)
        if done:
            await self._inbox.delivered(done, datetime.now(UTC))
            log.info("%d spooled events delivered to %s", len(done), rows[0].workflow_id)
        if left is not None:
            await self._inbox.put_off(*left)
        return not self._delivery.away

    async def _deliver(
        self, rows: Sequence[Spooled], done: list[tuple[Spooled, Event]]
    ) -> tuple[Spooled, str, timedelta] | None:
        """Deliver in order, for as long as the lease surely holds. What couldn't be, with why and for how long."""
        deadline = time.monotonic() + self._inbox.lease.total_seconds() / 2
        for row in rows:
            if self._stopping or time.monotonic() > deadline:
                return row, "", timedelta()
            try:
                done.append((row, await self._deliver_one(row)))
            except (RefusedForGoodError, ValidationError) as error:
                await self._set_aside(row, error)
            except NotDeliveredError as error:
                log.warning("spooled event %d for %s not delivered: %s", row.number, row.workflow_id, error)
                return row, str(error), REST if self._delivery.away else min(REST * 2**row.tries, LONGEST_REST)
        return None

    async def _deliver_one(self, row: Spooled) -> Event:
        event = Event.model_validate(row.event)
        spec = self._agents.get(row.agent)
        if spec is None:
            raise NotDeliveredError(f"no agent {row.agent!r} is declared here")
        await self._delivery.deliver(spec, event)
        return event

    async def _set_aside(self, row: Spooled, error: Exception) -> None:
        why = "it is no event any more" if isinstance(error, ValidationError) else str(error)
        log.error("spooled event %d for %s goes into quarantine: %s", row.number, row.workflow_id, why)
        unread = Unread(row.source, to_json(row.event), EVENT_JSON, f"for {row.agent}: {why}")
        await self._inbox.set_aside(row, unread, datetime.now(UTC))

    async def _sweep(self) -> None:
        if time.monotonic() - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = time.monotonic()
        for sweep, kept in self._sweeps:
            await sweep(datetime.now(UTC) - kept)
