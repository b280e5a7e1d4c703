"""What was spent: the ledger's sums, for whoever asks by agent, entity, role, model or day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calls import Usage
from contracts.frozen import Frozen
from contracts.names import FORK_PREFIX
from store.database import Database
from store.tables import BatchRequestRow, ModelCallRow, RunRow

Split = Literal["agent", "entity", "role", "model", "day"]
SPLITS: tuple[Split, ...] = get_args(Split)

_COUNTS = (*Usage.model_fields, "cache_write_1h_tokens")


class Spent(Frozen):
    """Calls that were priced alike: of one role, model, price version, in a batch or not; and of one `key`."""

    key: str
    """Whose: the agent, entity, role, model or day (`2026-11-27`, in UTC) that was asked for."""

    role: str
    model: str
    """Which answered, by its vendor's word."""

    price_version: str
    batch: bool
    calls: int
    cached: int
    fallbacks: int
    cost_usd: float
    usage: Usage
    cache_write_1h_tokens: int


class RunCosts(Frozen):
    """Finished runs of one kind. `skipped`: triage stopped them."""

    skipped: bool
    runs: int
    cost_usd: float


class Header(Frozen):
    """What stood ahead of an agent's conversations for a while: of one role, in one phase."""

    agent: str
    role: str
    phase: str
    header: str
    calls: int
    first: datetime
    last: datetime
    run: str
    """One of the runs that sent it."""


class Miss(Frozen):
    """How often a vendor's cache was lost within a conversation, and why."""

    role: str
    reason: str
    calls: int


class Spending:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def split(self, by: Split, since: datetime, until: datetime | None = None) -> Sequence[Spent]:
        """The calls from `since` on (before `until`), each kind summed up."""
        row = ModelCallRow
        async with self._db.reading() as session:
            key = _day(session) if by == "day" else getattr(row, by)
            alike = (key.label("key"), row.role, row.model, row.price_version, row.batch)
            sums = [func.sum(getattr(row, name)) for name in _COUNTS]
            counts = (func.count(), _count(row.cached), _count(row.fallback), func.sum(row.cost_usd), *sums)
            query = select(*alike, *counts).where(row.at >= since, *([row.at < until] if until else []))
            # by its name: PostgreSQL takes an expression with a parameter in it for another one each time
            found = await session.execute(query.group_by("key", *alike[1:]).order_by("key", *alike[1:]))
            return [_spent(*each) for each in found]

    async def by_day_and_agent(self, since: datetime) -> Sequence[tuple[str, str, int, float]]:
        """What each agent's calls came to on each UTC day, but for those that asked nobody."""
        row = ModelCallRow
        async with self._db.reading() as session:
            day = _day(session).label("day")
            query = select(day, row.agent, func.count(), func.sum(row.cost_usd)).where(row.at >= since, ~row.cached)
            found = await session.execute(query.group_by("day", row.agent))
            return [(on, agent, calls, float(cost)) for on, agent, calls, cost in found]

    async def in_batches(self, since: datetime) -> tuple[int, float]:
        """How many calls were made in batches since then, and what they came to."""
        row = ModelCallRow
        query = select(func.count(), func.coalesce(func.sum(row.cost_usd), 0.0)).where(row.at >= since, row.batch)
        async with self._db.reading() as session:
            calls, cost = (await session.execute(query)).one()
        return calls, float(cost)

    async def call_ids(self, since: datetime) -> set[str]:
        """The name of each call on record that was made since then, as the gateway was told it."""
        row, asked = ModelCallRow, BatchRequestRow
        mine = (asked.run == row.run) & (asked.step == row.step)
        query = select(row.run, row.step, row.batch, asked.custom_id).outerjoin(asked, mine).where(row.at >= since)
        async with self._db.reading() as session:
            found = await session.execute(query)
            return {f"batch/{name}" if batch else f"{run}/{step}" for run, step, batch, name in found}

    async def begun(self) -> datetime | None:
        """When the first call on record was made."""
        async with self._db.reading() as session:
            first = select(ModelCallRow.at).order_by(ModelCallRow.at).limit(1)
            return await session.scalar(first)

    async def runs(self, since: datetime) -> Sequence[RunCosts]:
        """What finished runs cost that began since then, their sub-agents' share included; forks are not counted."""
        skipped = RunRow.status == "skipped"
        own = ~RunRow.run.like("%/run-%/%") & ~RunRow.run.startswith(FORK_PREFIX)
        query = (
            select(skipped, func.count(), func.sum(RunRow.cost_usd))
            .where(RunRow.started_at >= since, or_(skipped, RunRow.status == "done"), own)
            .group_by(skipped)
        )
        async with self._db.reading() as session:
            rows = (await session.execute(query)).all()
            return [RunCosts(skipped=bool(which), runs=runs, cost_usd=cost) for which, runs, cost in rows]

    async def headers(self, since: datetime) -> Sequence[Header]:
        """What was sent ahead of conversations, each once, in the order in which it came up."""
        row = ModelCallRow
        sample = (func.min(row.step), func.min(row.run))
        query = (
            select(row.agent, row.role, row.header, func.count(), func.min(row.at), func.max(row.at), *sample)
            .where(row.at >= since, row.header != "", ~row.run.startswith(FORK_PREFIX))
            .group_by(row.agent, row.role, row.header)
            .order_by(func.min(row.at))
        )
        async with self._db.reading() as session:
            return [_header(*each) for each in await session.execute(query)]

    async def misses(self, since: datetime) -> Sequence[Miss]:
        row = ModelCallRow
        query = (
            select(row.role, row.cache_miss, func.count())
            .where(row.at >= since, row.cache_miss != "")
            .group_by(row.role, row.cache_miss)
            .order_by(row.role, row.cache_miss)
        )
        async with self._db.reading() as session:
            return [Miss(role=role, reason=why, calls=n) for role, why, n in await session.execute(query)]


def _day(session: AsyncSession) -> ColumnElement[str]:
    """The day in UTC, as text."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    at = ModelCallRow.at
    return func.strftime("%Y-%m-%d", at) if on_sqlite else func.to_char(func.timezone("UTC", at), "YYYY-MM-DD")


def _count(flag: Any) -> ColumnElement[int]:
    return func.sum(cast(flag, Integer))


def _spent(*row: Any) -> Spent:
    key, role, model, version, batch, calls, cached, fallbacks, cost_usd, *counts = row
    tokens = dict(zip(_COUNTS, map(int, counts), strict=True))
    for_an_hour = tokens.pop("cache_write_1h_tokens")
    return Spent(
        key=key,
        role=role,
        model=model,
        price_version=version,
        batch=batch,
        calls=calls,
        cached=cached,
        fallbacks=fallbacks,
        cost_usd=float(cost_usd),
        usage=Usage(**tokens),
        cache_write_1h_tokens=for_an_hour,
    )


def _header(*row: Any) -> Header:
    agent, role, header, calls, first, last, step, run = row
    phase = step.rpartition("-")[0]
    return Header(agent=agent, role=role, phase=phase, header=header, calls=calls, first=first, last=last, run=run)
