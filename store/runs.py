"""Runs as the farm's own records have them: the truth for `trace` and cost, whatever becomes of Temporal's history."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select, true

from contracts.calls import DEAD_LETTER, RunRecord
from contracts.names import FORK_PREFIX, fork_number
from store.database import Database
from store.dead_letters import set_aside
from store.insert import insert_into
from store.tables import ForkRow, RunRow

SAID_ONCE = ("trace_id", "cost_usd", "events", "report")
"""Fields that a later record may leave empty without taking back what an earlier one said."""

_FORKED = RunRow.run.startswith(FORK_PREFIX)


class Runs:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def record(self, record: RunRecord) -> None:
        """Enter how a run stands. A record older than the one entered last (a late retry) changes nothing.

        With that of a run that is given up for good its events are set aside.
        """
        values = record.model_dump() | {"events": list(record.events)}
        changes = {name: value for name, value in values.items() if value or name not in SAID_ONCE}
        async with self._db.session() as session:
            insert = insert_into(session, RunRow).values(values | {"started_at": record.at})
            await session.execute(
                insert.on_conflict_do_update(
                    index_elements=["run"], set_=changes, where=RunRow.at <= insert.excluded.at
                )
            )
            if record.phase == DEAD_LETTER:
                await set_aside(session, record)

    async def get(self, run: str) -> RunRecord | None:
        """One run by its workflow id."""
        found = await self._newest(RunRow.run == run, 1)
        return found[0] if found else None

    async def of_entity(self, entity: str) -> Sequence[RunRecord]:
        """An entity's runs, the newest first. `entity` as in `deal:42`."""
        return await self._newest((RunRow.entity == entity) & ~_FORKED)

    async def below(self, run: str) -> Sequence[tuple[datetime, RunRecord]]:
        """The sub-agents' runs of a run, with when each began, oldest first. Not those of theirs."""
        prefix = f"{run}/"
        its_own = RunRow.run.startswith(prefix, autoescape=True) & ~func.substr(RunRow.run, len(prefix) + 1).contains(
            "/"
        )
        async with self._db.reading() as session:
            rows = await session.scalars(select(RunRow).where(its_own).order_by(RunRow.started_at))
            return [(row.started_at, _run_record(row)) for row in rows]

    async def last_number(self, entity_workflow: str) -> int:
        """The highest number of an entity's runs (`sales:deal:42/run-7` -> 7); 0 before the first."""
        prefix = f"{entity_workflow}/run-"
        number = func.substr(RunRow.run, len(prefix) + 1)
        its_own = RunRow.run.startswith(prefix, autoescape=True) & ~number.contains("/")
        query = select(func.max(cast(number, Integer))).where(its_own)
        async with self._db.reading() as session:
            return await session.scalar(query) or 0

    async def latest(self, agent: str = "", limit: int = 20) -> Sequence[RunRecord]:
        """The newest runs, of one agent or of all."""
        return await self._newest((RunRow.agent == agent if agent else true()) & ~_FORKED, limit)

    async def finished(self, agent: str, since: datetime) -> Sequence[RunRecord]:
        """An agent's runs that began since then and have come to their end, the newest first."""
        ended = RunRow.status.in_(("skipped", "done", "failed"))
        return await self._newest((RunRow.agent == agent) & (RunRow.started_at >= since) & ended & ~_FORKED)

    async def all(self) -> Sequence[str]:
        """The name of every run on record, forks too, oldest first."""
        async with self._db.reading() as session:
            return (await session.scalars(select(RunRow.run).order_by(RunRow.started_at, RunRow.run))).all()

    async def matching(self, name: str) -> Sequence[RunRecord]:
        """Runs by what a person calls them: `sales:deal:42/run-1`, `sales:deal:42`, `deal:42`, `fork-3`.

        The newest first. Sub-agents' runs and forks only by their own name: an entity's story begins with its own.
        """
        by_workflow = RunRow.run.startswith(f"{name}/run-", autoescape=True)
        by_entity = (RunRow.entity == name) & ~_FORKED
        own = ~RunRow.run.like("%/run-%/%")
        by_number = RunRow.run.in_(select(ForkRow.run).where(ForkRow.number == fork_number(name)))
        return await self._newest(or_(RunRow.run == name, by_number, or_(by_entity, by_workflow) & own))

    async def _newest(self, condition: ColumnElement[bool], limit: int | None = None) -> Sequence[RunRecord]:
        async with self._db.reading() as session:
            rows = await session.scalars(
                select(RunRow).where(condition).order_by(RunRow.started_at.desc()).limit(limit)
            )
            return [_run_record(row) for row in rows]


def _run_record(row: RunRow) -> RunRecord:
    return RunRecord.model_validate({name: getattr(row, name) for name in RunRecord.model_fields})
