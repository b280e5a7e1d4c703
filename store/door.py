"""The door's book: every event that came in, and what the starter did with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.events import Event
from contracts.frozen import Frozen
from store.database import Database
from store.receipts import RECEIPT, enter
from store.tables import DoorRow
from store.together import Together

_INSERT = insert(cast(Table, DoorRow.__table__))  # the table rather than its class, as in store/insert.py


LetIn = tuple[Event, Mapping[str, str], datetime]
"""An event, the workflows by agent that have it, and when."""


class DoorEntry(Frozen):
    """One event, and what became of it at the door."""

    event: Event
    outcome: str
    reason: str
    agent: str
    workflow_id: str
    at: datetime


class Door:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._letting_in: Together[LetIn, None] = Together(self._let_in)

    async def record(
        self, event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None:
        """Add an entry. `outcome`: accepted, duplicate, spooled, ignored, quarantined; an event that was sent twice
        has two."""
        async with self._db.session() as session:
            await write(session, event, outcome, at=at, reason=reason, agent=agent, workflow_id=workflow_id)

    async def let_in(self, event: Event, workflows: Mapping[str, str], at: datetime) -> None:
        """Temporal has the event: an entry and a receipt for each agent, `workflows` by agent, in one go."""
        await self._letting_in.do((event, workflows, at))

    async def _let_in(self, all_: Sequence[LetIn]) -> Sequence[None]:
        await self._db.at_once(lambda connection: note_receipts(connection, all_), writes=True)
        return [None] * len(all_)

    async def of_entity(self, entity: str) -> Sequence[DoorEntry]:
        """What came in about an entity (`deal:42`), oldest first."""
        async with self._db.reading() as session:
            query = select(DoorRow).where(DoorRow.entity == entity).order_by(DoorRow.at, DoorRow.number)
            return [_entry(row) for row in await session.scalars(query)]

    async def counts(self, since: datetime) -> dict[str, int]:
        """Events by outcome."""
        async with self._db.reading() as session:
            query = (
                select(DoorRow.outcome, func.count().label("number"))
                .where(DoorRow.at >= since)
                .group_by(DoorRow.outcome)
            )
            return {row.outcome: row.number for row in await session.execute(query)}


async def write(
    session: AsyncSession,
    event: Event,
    outcome: str,
    *,
    at: datetime,
    reason: str = "",
    agent: str = "",
    workflow_id: str = "",
) -> None:
    """Add an entry within a transaction that is open."""
    await session.execute(_INSERT, _row(event, outcome, at=at, reason=reason, agent=agent, workflow_id=workflow_id))


def note_receipts(connection: Connection, all_: Sequence[LetIn]) -> None:
    """As `Door.let_in`, within a transaction that is open; one statement for all, for each one costs."""
    entries = [
        _row(event, "accepted", at=at, agent=agent, workflow_id=workflow_id)
        for event, workflows, at in all_
        for agent, workflow_id in workflows.items()
    ]
    if entries:
        connection.execute(_INSERT, entries)
        enter(connection, [{name: entry[name] for name in RECEIPT} for entry in entries])


def _row(
    event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
) -> dict[str, Any]:
    return {
        "source": event.source,
        "event_id": event.id,
        "entity": str(event.entity),
        "event": event.model_dump(mode="json"),
        "outcome": outcome,
        "reason": reason,
        "agent": agent,
        "workflow_id": workflow_id,
        "at": at,
    }


def _entry(row: DoorRow) -> DoorEntry:
    return DoorEntry.model_validate({name: getattr(row, name) for name in DoorEntry.model_fields})
