"""Runs that somebody wants to keep, as named sets: an eval's dataset, a case to show. The sweep leaves them alone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, select

from contracts.frozen import Frozen
from store.database import Database
from store.insert import insert_into
from store.tables import KeptRow


class Kept(Frozen):
    """One run in one set."""

    name: str
    run: str
    kept_at: datetime


class Keeping:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def keep(self, run: str, name: str) -> None:
        """Put a run into a set. Again changes nothing."""
        async with self._db.session() as session:
            row = insert_into(session, KeptRow).values(name=name, run=run, kept_at=datetime.now(UTC))
            await session.execute(row.on_conflict_do_nothing())

    async def let_go(self, run: str, name: str) -> bool:
        """Take a run out of a set. False where it wasn't in it."""
        mine = (KeptRow.run == run) & (KeptRow.name == name)
        async with self._db.session() as session:
            return await session.scalar(delete(KeptRow).where(mine).returning(KeptRow.run)) is not None

    async def all(self) -> Sequence[Kept]:
        """Every run of every set, by set and time."""
        async with self._db.reading() as session:
            rows = await session.scalars(select(KeptRow).order_by(KeptRow.name, KeptRow.kept_at, KeptRow.run))
            return [Kept(name=row.name, run=row.run, kept_at=row.kept_at) for row in rows]
