"""The prices by which calls were paid: each version once, so that a call's cost can be counted again in a year."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.prices import Rates
from store.database import Database
from store.insert import insert_into
from store.tables import PriceRow


class Prices:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> Mapping[str, Rates]:
        """Every price by which a call was paid, by its version."""
        async with self._db.reading() as session:
            rows = await session.scalars(select(PriceRow))
            return {row.version: Rates.model_validate(row.rates) for row in rows}

    async def latest(self, model: str) -> Rates | None:
        """The price that was first seen last; None where the model was never paid."""
        query = select(PriceRow.rates).where(PriceRow.model == model).order_by(PriceRow.first_seen.desc()).limit(1)
        async with self._db.reading() as session:
            found = await session.scalar(query)
        return None if found is None else Rates.model_validate(found)


async def enter(session: AsyncSession, rates: Rates, at: datetime) -> None:
    """Enter a price as a part of a transaction that keeps more. One that is there already stays as it is."""
    row = {"model": rates.model, "version": rates.version, "rates": rates.model_dump(), "first_seen": at}
    await session.execute(insert_into(session, PriceRow).on_conflict_do_nothing(), row)
