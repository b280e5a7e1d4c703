"""What each role was asked and what it cost, by the ledger."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, cast, func, select

from contracts.frozen import Frozen
from store.database import Database
from store.tables import ModelCallRow


class RoleUse(Frozen):
    """One agent's calls of one role, by the model that was asked."""

    role: str
    agent: str
    asked: str
    calls: int
    fallbacks: int
    """Of them, answered by a standby."""

    cost_usd: float


async def role_use(db: Database, since: datetime) -> Sequence[RoleUse]:
    """Since a moment, forks included: they are paid, too."""
    row = ModelCallRow
    by = (row.role, row.agent, row.asked)
    counts = (func.count(), func.sum(cast(row.fallback, Integer)), func.sum(row.cost_usd))
    query = select(*by, *counts).where(row.at >= since).group_by(*by).order_by(*by)
    async with db.reading() as session:
        found = await session.execute(query)
        return [RoleUse(**dict(zip(RoleUse.model_fields, each, strict=True))) for each in found]
