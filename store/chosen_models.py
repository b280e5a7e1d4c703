"""Who plays which role by people's choice: for new runs, without a deploy. A run that has begun keeps what it has."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.frozen import Frozen
from store.database import Database
from store.tables import ChosenModelRow


class ChosenModel(Frozen):
    """One choice. Empty names stand for whichever model the gateway has for the role."""

    role: str
    model: str
    before: str
    by: str
    at: datetime


class ChosenModels:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def choose(self, choices: Mapping[str, str], by: str) -> Sequence[ChosenModel]:
        """Give roles to models, all at once; to "" takes a choice back. What is so already isn't entered again."""
        now, row = datetime.now(UTC), ChosenModelRow
        async with self._db.session() as session:
            there = await current(session)
            made = [
                ChosenModel(role=role, model=model, before=there.get(role, ""), by=by, at=now)
                for role, model in choices.items()
                if model != there.get(role, "")
            ]
            if made:
                await session.execute(insert(row), [each.model_dump() for each in made])
            return made

    async def current(self) -> Mapping[str, str]:
        """Role -> model, of those that somebody chose."""
        async with self._db.reading() as session:
            return await current(session)

    async def history(self) -> Sequence[ChosenModel]:
        """All choices, the newest first."""
        row = ChosenModelRow
        async with self._db.reading() as session:
            found = await session.scalars(select(row).order_by(row.number.desc()))
            return [_choice(each) for each in found]


async def current(session: AsyncSession) -> dict[str, str]:
    """The same as a part of a transaction that does more."""
    row = ChosenModelRow
    newest = select(func.max(row.number)).group_by(row.role)
    found = await session.execute(select(row.role, row.model).where(row.number.in_(newest)).order_by(row.role))
    return {role: model for role, model in found if model}


def _choice(row: ChosenModelRow) -> ChosenModel:
    return ChosenModel.model_validate({name: getattr(row, name) for name in ChosenModel.model_fields})
