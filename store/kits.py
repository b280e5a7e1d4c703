"""What each run worked with: its kit, and its input but for the events, which are in the run's record."""

from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.agents import Kit
from contracts.frozen import Frozen
from store.database import Database
from store.insert import insert_into
from store.tables import KitRow


class RecordedKit(Frozen):
    """A kit with the input of its run."""

    kit: Kit
    job: dict[str, JsonValue]


class Kits:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def record(self, run: str, kit: Kit, job: dict[str, JsonValue]) -> None:
        """Enter a run's kit."""
        async with self._db.session() as session:
            await enter(session, run, kit, job, datetime.now(UTC))

    async def of_run(self, run: str) -> RecordedKit | None:
        """None for a run of before kits were recorded."""
        async with self._db.reading() as session:
            row = await session.get(KitRow, run)
            return None if row is None else RecordedKit(kit=Kit.model_validate(row.kit), job=row.job)


async def enter(session: AsyncSession, run: str, kit: Kit, job: dict[str, JsonValue], at: datetime) -> None:
    """Enter a kit as a part of a transaction that keeps more. `at`: when it was asked for.

    Of several tries the one asked for last stands: it is the one that the run works with. One that was given up as
    dead and comes to its end all the same changes nothing.
    """
    row = {"kit": kit.model_dump(mode="json"), "job": job, "recorded_at": at}
    insert = insert_into(session, KitRow).values(run=run, **row)
    newer = KitRow.recorded_at <= insert.excluded.recorded_at
    await session.execute(insert.on_conflict_do_update(index_elements=["run"], set_=row, where=newer))
