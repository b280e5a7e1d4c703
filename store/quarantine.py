"""The quarantine: what a known sender sent and nobody could read, or Temporal refused for good. Kept for a person."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.frozen import Frozen
from store.database import Database
from store.errors import QuarantineFull, UnknownInQuarantine
from store.tables import QuarantineRow

MOST_ROWS = 1_000
MOST_BYTES = 64_000_000
"""Of what waits, compressed. Whoever sends garbage by the thousand doesn't fill the disk."""

KEPT = timedelta(days=30)
"""What is settled, to be looked at."""

State = Literal["waiting", "redriven", "dropped"]


@dataclass(frozen=True)
class Unread:
    """What is to be kept."""

    source: str
    body: bytes
    content_type: str
    reason: str


class Quarantined(Frozen):
    """One thing in quarantine, without its body."""

    number: int
    source: str
    content_type: str
    reason: str
    received_at: datetime
    state: State
    by: str
    settled_at: datetime | None


class Quarantine:
    def __init__(self, db: Database, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> None:
        self._db = db
        self._most_rows = most_rows
        self._most_bytes = most_bytes

    async def keep(self, unread: Unread, at: datetime) -> int:
        """Keep it; its number. A power cut doesn't lose it: it is answered 2xx. Raises QuarantineFull."""
        async with self._db.session(durable=True) as session:
            size = func.coalesce(func.sum(func.length(QuarantineRow.body)), 0).label("size")
            query = select(func.count().label("rows"), size).where(QuarantineRow.state == "waiting")
            held = (await session.execute(query)).one()
            if held.rows >= self._most_rows or held.size >= self._most_bytes:
                raise QuarantineFull(f"{held.rows} things of {held.size} bytes wait in quarantine; settle some first")
            row = add(session, unread, at)
            await session.flush()
            return row.number

    async def all(self, state: State | None = None) -> Sequence[Quarantined]:
        """What is there, the oldest first; of one state where that is said."""
        query = select(QuarantineRow).order_by(QuarantineRow.number)
        async with self._db.reading() as session:
            rows = await session.scalars(query.where(QuarantineRow.state == state) if state else query)
            return [_quarantined(row) for row in rows]

    async def get(self, number: int) -> tuple[Quarantined, bytes]:
        """One, with its body as it came. Raises UnknownInQuarantine."""
        async with self._db.reading() as session:
            row = await session.get(QuarantineRow, number)
            if row is None:
                raise UnknownInQuarantine(f"nothing in quarantine has the number {number}")
            return _quarantined(row), zlib.decompress(row.body)

    async def settle(self, number: int, state: Literal["redriven", "dropped"], by: str, at: datetime) -> bool:
        """Say what became of it. False where it isn't waiting any more."""
        mine = (QuarantineRow.number == number) & (QuarantineRow.state == "waiting")
        change = update(QuarantineRow).where(mine).values(state=state, by=by, settled_at=at)
        async with self._db.session() as session:
            return await session.scalar(change.returning(QuarantineRow.number)) is not None

    async def sweep(self, before: datetime) -> int:
        """Remove what was settled before that; how much that was. What waits stays."""
        gone = delete(QuarantineRow).where(QuarantineRow.settled_at < before).returning(QuarantineRow.number)
        async with self._db.session() as session:
            return len((await session.scalars(gone)).all())

    async def waiting(self) -> int:
        """How many things wait for a person."""
        async with self._db.reading() as session:
            query = select(func.count()).where(QuarantineRow.state == "waiting")
            return await session.scalar(query) or 0


def add(session: AsyncSession, unread: Unread, at: datetime) -> QuarantineRow:
    """Keep it within a transaction that is open, whatever the bounds: what comes from the spool is bounded there."""
    row = QuarantineRow(
        source=unread.source,
        body=zlib.compress(unread.body),
        content_type=unread.content_type[:200],
        reason=unread.reason[:500],
        received_at=at,
        state="waiting",
        by="",
        settled_at=None,
    )
    session.add(row)
    return row


def _quarantined(row: QuarantineRow) -> Quarantined:
    return Quarantined.model_validate({name: getattr(row, name) for name in Quarantined.model_fields})
