"""A tool server's own ledger: which effects it has carried out, so that a repeated request gets the first answer.

Who works on a key holds a lease on it, in the database: of several servers, one acts. Who dies lets the lease run out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.database import Database
from store.errors import UnknownEffect
from store.insert import insert_into
from store.tables import ToolLedgerRow

LEASE = timedelta(seconds=15)


@dataclass(frozen=True)
class Begun:
    """How a key stands.

    `new`: carry it out. `pending`: somebody began it and left it, and nobody knows that it was done: look first.
    Both are yours under `holder` for one lease. `busy`: somebody is at it now. `done`: `result` is what came of it.
    """

    state: Literal["new", "pending", "busy", "done"]
    holder: str = ""
    result: dict[str, Any] | None = None


class ToolLedger:
    """`lease`: how long a key stays taken after a sign of life of who took it."""

    def __init__(self, db: Database, lease: timedelta = LEASE) -> None:
        self._db = db
        self._lease = lease

    @property
    def lease_s(self) -> float:
        """Seconds from a `begin` or `renew` until another may take the key."""
        return self._lease.total_seconds()

    async def begin(self, server: str, key: str) -> Begun:
        """Take an effect key for a server. Of all who ask, in whatever process, one is told `new` or `pending`."""
        holder = uuid4().hex
        async with self._db.session() as session:
            now = await self._db.now(session)
            leased = {"holder": holder, "leased_until": now + self._lease}
            entry = insert_into(session, ToolLedgerRow).values(server=server, key=key, begun_at=now, **leased)
            if await session.scalar(entry.on_conflict_do_nothing().returning(ToolLedgerRow.key)) is not None:
                return Begun("new", holder)
            left = and_(ToolLedgerRow.finished_at.is_(None), ToolLedgerRow.leased_until <= now)
            if await _change(session, and_(_row(server, key), left), leased):
                return Begun("pending", holder)
            row = await session.get(ToolLedgerRow, (server, key))
            # A row that is gone was released in this moment: whoever asks again finds the key free.
            return Begun("done", result=row.result) if row and row.finished_at else Begun("busy")

    async def renew(self, server: str, key: str, holder: str) -> bool:
        """A sign of life: the lease begins anew. False where the key is no longer the holder's."""
        async with self._db.session() as session:
            until = await self._db.now(session) + self._lease
            return await _change(session, _held(server, key, holder), {"leased_until": until})

    async def finish(self, server: str, key: str, result: dict[str, Any]) -> None:
        """It was carried out with this result (JSON). Raises UnknownEffect for a key never begun."""
        async with self._db.session() as session:
            if not await _change(session, _row(server, key), {"result": result, "finished_at": datetime.now(UTC)}):
                raise UnknownEffect(f"effect {key!r} of {server!r} can't be finished: it was never begun")

    async def release(self, server: str, key: str, holder: str) -> None:
        """It is known not to have happened (refused before it was sent): the key is as if never begun."""
        async with self._db.session() as session:
            await session.execute(delete(ToolLedgerRow).where(_held(server, key, holder)))

    async def leave(self, server: str, key: str, holder: str) -> None:
        """Nobody knows whether it happened, and the holder has stopped: the next may look at once."""
        async with self._db.session() as session:
            await _change(session, _held(server, key, holder), {"leased_until": await self._db.now(session)})


def _row(server: str, key: str) -> ColumnElement[bool]:
    return and_(ToolLedgerRow.server == server, ToolLedgerRow.key == key)


def _held(server: str, key: str, holder: str) -> ColumnElement[bool]:
    return and_(_row(server, key), ToolLedgerRow.holder == holder, ToolLedgerRow.finished_at.is_(None))


async def _change(session: AsyncSession, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    change = update(ToolLedgerRow).where(which).values(values).returning(ToolLedgerRow.key)
    return await session.scalar(change) is not None
