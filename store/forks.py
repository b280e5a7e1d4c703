"""Forks: runs made again from one of their turns. What one did is on record under its own name, like any run's."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import func, select

from contracts.frozen import Frozen
from contracts.names import fork_workflow_id
from store.database import Database
from store.tables import ForkRow


class Fork(Frozen):
    """One fork: its number, its own name, and the run that it was made from."""

    number: int
    run: str
    origin: str


class Forks:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, origin: str, wish: dict[str, JsonValue]) -> Fork:
        """Enter a fork, and get its name. From now on the sweep leaves the origin alone."""
        async with self._db.session() as session:
            await self._db.queue_for(session, "forks")
            number = (await session.scalar(select(func.max(ForkRow.number))) or 0) + 1
            run = fork_workflow_id(number, origin)
            session.add(ForkRow(number=number, run=run, origin=origin, wish=wish, begun_at=datetime.now(UTC)))
        return Fork(number=number, run=run, origin=origin)

    async def of(self, origin: str) -> Sequence[Fork]:
        """The forks made from a run, oldest first."""
        async with self._db.reading() as session:
            query = select(ForkRow).where(ForkRow.origin == origin).order_by(ForkRow.number)
            rows = await session.scalars(query)
            return [Fork(number=row.number, run=row.run, origin=row.origin) for row in rows]
