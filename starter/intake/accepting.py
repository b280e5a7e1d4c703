"""The one place that takes an event in for the agents that listen: to Temporal at once, else to the spool on disk.

Order: while a workflow has undelivered rows in the spool, what is new for it goes behind them; where the store can't
be asked, its sender is told to come again. Once: a receipt tells a re-delivery; where the store can't be asked the
event is signalled again, and the workflow knows its id.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeVar

from contracts.agents import AgentSpec
from contracts.events import Event
from contracts.names import entity_workflow_id
from starter.intake.backlog import Backlog
from starter.intake.delivery import Delivery, NotDeliveredError, RefusedForGoodError
from starter.intake.door_book import AWAY, DoorBook
from starter.intake.room import NoRoomError, Room
from starter.refusals import Reason
from store.errors import QuarantineFull
from store.inbox import Standing
from store.quarantine import Unread

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK = 1.0
"""Seconds for asking the store about an event, before it goes the direct way unasked."""

KEEP = 2.0
"""Seconds for writing it to the spool or the quarantine, before the sender is asked to come again."""

EVENT_JSON = "application/vnd.farmstead.event+json"
"""The content type of an event in quarantine, which needs no normalising any more."""

Way = Literal["accepted", "spooled", "quarantined"]


class Inbox(Protocol):
    """The part of `store.inbox.Inbox` that is used here."""

    async def standing(self, event: Event, workflows: Collection[str]) -> Standing: ...

    async def put(self, event: Event, workflows: Mapping[str, str], at: datetime) -> None: ...


class Quarantine(Protocol):
    """The part of `store.quarantine.Quarantine` that is used here."""

    async def keep(self, unread: Unread, at: datetime) -> int: ...


@dataclass(frozen=True)
class Taken:
    """What became of an event. `workflows` have it, or will."""

    outcome: Literal["accepted", "duplicate", "spooled", "quarantined"]
    workflows: tuple[str, ...]


class NotTakenError(Exception):
    """The event is nowhere safe: whoever sent it must send it again."""

    def __init__(self, message: str, why: Reason) -> None:
        super().__init__(message)
        self.why: Reason = why


@dataclass(frozen=True)
class Records:
    """Where an event is written that doesn't, or not only, go to Temporal."""

    inbox: Inbox
    quarantine: Quarantine
    book: DoorBook
    backlog: Backlog = field(default_factory=Backlog)


class Intake:
    """`wake`: called when there is something for the drainer."""

    def __init__(
        self, delivery: Delivery, records: Records, room: Room, wake: Callable[[], None] = lambda: None
    ) -> None:
        self._delivery = delivery
        self._inbox = records.inbox
        self._quarantine = records.quarantine
        self._book = records.book
        self._backlog = records.backlog
        self._room = room
        self._wake = wake

    async def take(self, event: Event, agents: Sequence[AgentSpec]) -> Taken:
        """Temporal or the disk has the event when this returns. Raises NotTakenError."""
        workflows = {spec.name: entity_workflow_id(spec.name, event.entity) for spec in agents}
        standing = await self._standing(event, workflows.values())
        new = [spec for spec in agents if spec.name not in standing.had]
        if not new:
            await self._book.duplicate(event, workflows)
            return Taken("duplicate", tuple(workflows.values()))
        queued = {spec.name for spec in new if workflows[spec.name] in standing.queued}
        ways = await asyncio.gather(*(self._way(spec, event, queued=spec.name in queued) for spec in new))
        by_way = _by_way({spec.name: way for spec, way in zip(new, ways, strict=True)}, workflows)
        await self._book.let_in(event, by_way["accepted"])
        await self._spool(event, by_way["spooled"])
        outcome = next(way for way in ("spooled", "accepted", "quarantined") if way in ways)
        log.info("event %s %s %s -> %s", event.kind, event.id, outcome, ", ".join(workflows.values()))
        return Taken(outcome, tuple(workflows.values()))

    async def leave_out(self, event: Event, reason: str, agent: str = "") -> None:
        """Nobody gets it, or this agent doesn't: it is written down, with the reason."""
        await self._book.note(event, "ignored", reason, agent)

    async def set_aside(self, unread: Unread) -> int:
        """Keep in quarantine what can't be taken; its number there. Raises NotTakenError."""
        try:
            self._room.check_disk()
            return await _within(KEEP, self._quarantine.keep(unread, datetime.now(UTC)))
        except NoRoomError as error:
            raise NotTakenError(str(error), error.why) from error
        except QuarantineFull as error:
            raise NotTakenError(str(error), "quarantine_full") from error
        except AWAY as error:
            raise NotTakenError(f"the store is away ({type(error).__name__})", "nowhere") from error

    async def _standing(self, event: Event, workflows: Collection[str]) -> Standing:
        try:
            return await _within(LOOK, self._inbox.standing(event, workflows))
        except AWAY as error:
            log.warning("event %s not looked up: %s", event.id, type(error).__name__)
            if behind := self._backlog.among(workflows):
                raise NotTakenError(
                    f"the store is away, with older events of {', '.join(behind)}", "out_of_turn"
                ) from error
            return Standing(frozenset(), frozenset())

    async def _way(self, spec: AgentSpec, event: Event, *, queued: bool) -> Way:
        """Where the event goes for one agent; delivered already where that is Temporal."""
        if queued or self._delivery.away:
            return "spooled"
        try:
            await self._delivery.deliver(spec, event)
        except NotDeliveredError as error:
            log.warning("event %s for %s not delivered: %s", event.id, spec.name, error)
            return "spooled"
        except RefusedForGoodError as error:
            log.error("event %s for %s refused for good: %s", event.id, spec.name, error)  # noqa: TRY400
            await self.set_aside(unread_event(event, f"for {spec.name}: {error}"))
            return "quarantined"
        return "accepted"

    async def _spool(self, event: Event, workflows: Mapping[str, str]) -> None:
        if not workflows:
            return
        try:
            await _within(KEEP, self._room.claim())
            await _within(KEEP, self._inbox.put(event, workflows, datetime.now(UTC)))
        except NoRoomError as error:
            raise NotTakenError(str(error), error.why) from error
        except AWAY as error:
            self._delivery.away = False  # the only way that is left, so the next event tries it
            raise NotTakenError(
                f"neither Temporal nor the store takes it ({type(error).__name__})", "nowhere"
            ) from error
        self._backlog.add(workflows.values())
        self._wake()


def unread_event(event: Event, reason: str) -> Unread:
    """An event for the quarantine."""
    return Unread(event.source, event.model_dump_json().encode(), EVENT_JSON, reason)


def _by_way(ways: Mapping[str, Way], workflows: Mapping[str, str]) -> dict[Way, dict[str, str]]:
    sorted_: dict[Way, dict[str, str]] = {"accepted": {}, "spooled": {}, "quarantined": {}}
    for agent, way in ways.items():
        sorted_[way][agent] = workflows[agent]
    return sorted_


async def _within(seconds: float, work: Awaitable[T]) -> T:
    async with asyncio.timeout(seconds):
        return await work
