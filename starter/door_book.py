"""The starter's notes in the store: what came in and what became of it. The store never stands in an event's way."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from contracts.events import Event

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a note may take: Temporal has the event by then, and the sender waits for the answer."""

AWAY = (SQLAlchemyError, OSError, TimeoutError)


class Door(Protocol):
    """The part of `store.door.Door` that is used here."""

    async def record(
        self, event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None: ...

    async def accepted(self, source: str, event_id: str) -> bool: ...


class DoorBook:
    """Writes down each event with its outcome. A store that is away costs the note and a line in the log."""

    def __init__(self, door: Door, patience: float = PATIENCE) -> None:
        self._door = door
        self._patience = patience

    async def knows(self, event: Event) -> bool:
        """Whether this event was accepted before, as far as the store can tell."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._door.accepted(event.source, event.id)
        except AWAY as error:
            log.warning("event %s not looked up: %s", event.id, type(error).__name__)
            return False

    async def note(
        self, event: Event, outcome: str, *, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None:
        """Write one entry; `outcome` as in `store.door.Door.record`."""
        try:
            async with asyncio.timeout(self._patience):
                await self._door.record(
                    event, outcome, at=datetime.now(UTC), reason=reason, agent=agent, workflow_id=workflow_id
                )
        except AWAY as error:
            log.error("event %s %s, not written down: %s", event.id, outcome, type(error).__name__)  # noqa: TRY400
