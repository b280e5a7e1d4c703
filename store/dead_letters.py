"""The events of runs that were given up for good: they wait until a person hands them back, or drops them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue
from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calls import RunRecord
from contracts.frozen import Frozen
from store.database import Database
from store.insert import insert_into
from store.tables import DeadLetterRow

WAITING = "waiting"
Settled = Literal["redriven", "dropped"]


class DeadLetter(Frozen):
    """What one run was to be about."""

    run: str
    agent: str
    entity: str
    events: tuple[dict[str, JsonValue], ...]
    reason: str
    at: datetime
    state: Literal["waiting", Settled] = "waiting"
    by: str = ""
    """Who settled it."""

    settled_at: datetime | None = None


async def set_aside(session: AsyncSession, record: RunRecord) -> None:
    """Enter the dead letter of a run, in the transaction of its record. Again changes nothing."""
    letter = DeadLetter(
        run=record.run,
        agent=record.agent,
        entity=record.entity,
        events=record.events,
        reason=record.reason,
        at=record.at,
    )
    values = letter.model_dump() | {"events": list(letter.events)}
    await session.execute(insert_into(session, DeadLetterRow).values(values).on_conflict_do_nothing())


class DeadLetters:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, run: str) -> DeadLetter | None:
        """The dead letter of a run."""
        found = await self._read(DeadLetterRow.run == run)
        return found[0] if found else None

    async def waiting(self, agent: str = "") -> Sequence[DeadLetter]:
        """What nobody has settled yet, of one agent or of all, oldest first."""
        return await self._read((DeadLetterRow.state == WAITING) & _of(agent))

    async def all(self, agent: str = "") -> Sequence[DeadLetter]:
        """The settled ones, too."""
        return await self._read(_of(agent))

    async def settle(self, run: str, how: Settled, by: str) -> bool:
        """False where it didn't wait any more, and so nothing changed."""
        one = (DeadLetterRow.run == run) & (DeadLetterRow.state == WAITING)
        settled = update(DeadLetterRow).where(one).values(state=how, by=by, settled_at=datetime.now(UTC))
        async with self._db.session() as session:
            return await session.scalar(settled.returning(DeadLetterRow.run)) is not None

    async def _read(self, condition: ColumnElement[bool]) -> Sequence[DeadLetter]:
        query = select(DeadLetterRow).where(condition).order_by(DeadLetterRow.at, DeadLetterRow.run)
        async with self._db.reading() as session:
            return [_letter(row) for row in await session.scalars(query)]


def _of(agent: str) -> ColumnElement[bool]:
    return DeadLetterRow.agent == agent if agent else true()


def _letter(row: DeadLetterRow) -> DeadLetter:
    return DeadLetter.model_validate({name: getattr(row, name) for name in DeadLetter.model_fields})
