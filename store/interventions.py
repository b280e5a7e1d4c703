"""A person's hand in a run: what they told it, that they held it, that they let it go on."""

from collections.abc import Sequence

from sqlalchemy import select

from contracts.steering import Intervention
from store.database import Database
from store.insert import insert_into
from store.tables import InterventionRow


class Interventions:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def record(self, intervention: Intervention) -> None:
        """Enter an intervention. The same number of the same run again changes nothing."""
        async with self._db.session() as session:
            insert = insert_into(session, InterventionRow).values(intervention.model_dump())
            await session.execute(insert.on_conflict_do_nothing())

    async def of_run(self, run: str) -> Sequence[Intervention]:
        """A run's interventions, oldest first."""
        async with self._db.reading() as session:
            query = select(InterventionRow).where(InterventionRow.run == run).order_by(InterventionRow.number)
            return [_intervention(row) for row in await session.scalars(query)]


def _intervention(row: InterventionRow) -> Intervention:
    return Intervention.model_validate({name: getattr(row, name) for name in Intervention.model_fields})
