"""Asking whose doing an event is: the CRM for our own user, the store for what the farm has announced.

Neither stands in an event's way. One that can't be asked is counted, and the event is taken as a stranger's: the other
guard is there, and behind both the breaker.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Protocol

from contracts.events import Event
from contracts.fingerprints import Fingerprint
from starter.intake.authorship import Authorship
from starter.intake.door_book import AWAY
from starter.metrics import Measures
from starter.sources.own_user import OwnUser, OwnUserUnknownError
from starter.sources.pipedrive import SOURCE as CRM
from starter.sources.traces import Traces
from store.own_writes import Recognised

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds that the store has to answer. A webhook's sender waits for ten, and an agent that hears its own write works
for nothing.
"""


class OwnWrites(Protocol):
    """The part of `store.own_writes.OwnWrites` that is used here."""

    async def take(self, event_id: str, about: str, prints: Collection[Fingerprint]) -> Sequence[Recognised]: ...


class Authors:
    def __init__(self, own_user: OwnUser, own_writes: OwnWrites, measures: Measures) -> None:
        self._own_user = own_user
        self._own_writes = own_writes
        self._measures = measures

    async def of(self, event: Event, traces: Traces) -> Authorship:
        """Whose doing it is. Fingerprints are taken though the actor says enough: left, they wait for a person."""
        if event.hop:
            return (
                Authorship()
            )  # handed on by a person: it was the farm's when it came first, and this agent asked for it
        by_actor = event.source == CRM and event.actor in await self._own_actors()
        author = Authorship(by_actor, await self._recognised(event, traces), traces)
        if author.is_farms:
            self._measures.own_write("actor" if by_actor else "fingerprint")
        return author

    async def _own_actors(self) -> frozenset[str]:
        try:
            return await self._own_user.actors()
        except OwnUserUnknownError as error:
            log.warning("own user unknown: %s", error)
            self._measures.unsure("own_user")
            return frozenset()

    async def _recognised(self, event: Event, traces: Traces) -> Sequence[Recognised]:
        if not traces.traces:
            return ()
        try:
            async with asyncio.timeout(LOOK):
                return await self._own_writes.take(event.id, traces.about, [each.print for each in traces.traces])
        except AWAY as error:
            log.warning("event %s not compared with own writes: %s", event.id, type(error).__name__)
            self._measures.unsure("store")
            return ()
