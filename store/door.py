"""The door's book: every event that came in, and what the starter did with it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from contracts.events import Event
from contracts.frozen import Frozen
from store.database import Database
from store.tables import DoorRow


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

    async def record(
        self, event: Event, outcome: str, *, at: datetime, reason: str = "", agent: str = "", workflow_id: str = ""
    ) -> None:
        """Add an entry. `outcome`: accepted, ignored, duplicate; a re-delivered event is an entry of its own."""
        async with self._db.session() as session:
            session.add(
                DoorRow(
                    source=event.source,
                    event_id=event.id,
                    entity=str(event.entity),
                    event=event.model_dump(mode="json"),
                    outcome=outcome,
                    reason=reason,
                    agent=agent,
                    workflow_id=workflow_id,
                    at=at,
                )
            )

    async def accepted(self, source: str, event_id: str) -> bool:
        """Whether this event was let in before."""
        async with self._db.reading() as session:
            query = select(DoorRow.number).where(
                DoorRow.source == source, DoorRow.event_id == event_id, DoorRow.outcome == "accepted"
            )
            return await session.scalar(query.limit(1)) is not None

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


def _entry(row: DoorRow) -> DoorEntry:
    return DoorEntry.model_validate({name: getattr(row, name) for name in DoorEntry.model_fields})
