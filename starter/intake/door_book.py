"""The starter's notes in the store: what came in and what became of it. A note never stands in an event's way."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from contracts.events import Event

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a note may take: the event is safe by then, and the sender waits for the answer."""

AWAY = (SQLAlchemyError, OSError, TimeoutError)


class Door(Protocol):
    """The part of `store.door.Door` that is used here."""

    async def record(
        self, event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None: ...

    async def let_in(self, event: Event, workflows: Mapping[str, str], at: datetime) -> None: ...


class DoorBook:
    """Writes down each event with its outcome. A store that is away costs the note and a line in the log."""

    def __init__(self, door: Door, patience: float = PATIENCE) -> None:
        self._door = door
        self._patience = patience

    async def note(self, event: Event, outcome: str, reason: str, agent: str = "") -> None:
        """Write one entry for an event that goes to no agent, or not to this one; `outcome` as in
        `store.door.Door.record`.
        """
        now = datetime.now(UTC)
        await self._write(event, outcome, self._door.record(event, outcome, at=now, reason=reason, agent=agent))

    async def duplicate(self, event: Event, workflows: Mapping[str, str]) -> None:
        """It was sent again, for these agents."""
        for agent, workflow_id in workflows.items():
            again = self._door.record(event, "duplicate", at=datetime.now(UTC), agent=agent, workflow_id=workflow_id)
            await self._write(event, "duplicate", again)

    async def let_in(self, event: Event, workflows: Mapping[str, str]) -> None:
        """Temporal has it, for these agents; without the receipt a re-delivery is told apart by the workflow alone."""
        if workflows:
            await self._write(event, "accepted", self._door.let_in(event, workflows, datetime.now(UTC)))

    async def _write(self, event: Event, outcome: str, writing: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await writing
        except AWAY as error:
            log.error("event %s %s, not written down: %s", event.id, outcome, type(error).__name__)  # noqa: TRY400
