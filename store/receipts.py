"""Receipts: which events Temporal has, for which agent. By these a re-delivery is told from a first one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from store.database import Database
from store.tables import ReceiptRow

KEPT = timedelta(days=8)
"""No source we know sends an event again after a week."""

_TABLE = cast(Table, ReceiptRow.__table__)
_INSERTS = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),
}
"""Written once: each event waits for it."""


RECEIPT = ("source", "event_id", "agent", "workflow_id", "at")


class Receipts:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def agents(self, source: str, event_id: str) -> frozenset[str]:
        """The agents that have this event."""
        query = select(ReceiptRow.agent).where(ReceiptRow.source == source, ReceiptRow.event_id == event_id)
        async with self._db.reading() as session:
            return frozenset(await session.scalars(query))

    async def sweep(self, before: datetime) -> int:
        """Remove those of before; how many that were."""
        async with self._db.session() as session:
            gone = await session.execute(
                delete(ReceiptRow).where(ReceiptRow.at < before).returning(ReceiptRow.event_id)
            )
            return len(gone.all())


def enter(connection: Connection, receipts: Sequence[Mapping[str, Any]]) -> None:
    """Write receipts, each with the columns of `RECEIPT`, within a transaction that is open. Again changes nothing."""
    connection.execute(_INSERTS[connection.dialect.name], receipts)
