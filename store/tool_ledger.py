"""A tool server's own ledger: which effects it has carried out, so that a repeated request gets the first answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import delete, update

from store.database import Database
from store.errors import UnknownEffect
from store.insert import insert_into
from store.tables import ToolLedgerRow


@dataclass(frozen=True)
class Begun:
    """`new`: carry it out. `pending`: begun before, and never finished. `done`: `result` is what came of it."""

    state: Literal["new", "pending", "done"]
    result: dict[str, Any] | None = None


class ToolLedger:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, server: str, key: str) -> Begun:
        """Claim an effect key for a server. Of all who claim one, exactly one is told `new`."""
        async with self._db.session() as session:
            insert = insert_into(session, ToolLedgerRow).values(server=server, key=key, begun_at=datetime.now(UTC))
            if await session.scalar(insert.on_conflict_do_nothing().returning(ToolLedgerRow.key)) is not None:
                return Begun("new")
            row = await session.get_one(ToolLedgerRow, (server, key))
            return Begun("pending") if row.finished_at is None else Begun("done", row.result)

    async def finish(self, server: str, key: str, result: dict[str, Any]) -> None:
        """It was carried out with this result (JSON). Raises UnknownEffect for a key never begun."""
        async with self._db.session() as session:
            finished = (
                update(ToolLedgerRow)
                .where(ToolLedgerRow.server == server, ToolLedgerRow.key == key)
                .values(result=result, finished_at=datetime.now(UTC))
                .returning(ToolLedgerRow.key)
            )
            if await session.scalar(finished) is None:
                raise UnknownEffect(f"effect {key!r} of {server!r} can't be finished: it was never begun")

    async def release(self, server: str, key: str) -> None:
        """It is known not to have happened (refused before it was sent): the key may be claimed again."""
        async with self._db.session() as session:
            await session.execute(
                delete(ToolLedgerRow).where(
                    ToolLedgerRow.server == server, ToolLedgerRow.key == key, ToolLedgerRow.finished_at.is_(None)
                )
            )
