"""The journal of side effects: written before one is done, so that after a crash none is repeated blindly."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calls import ToolCall, ToolReply
from store.database import Database
from store.errors import UnknownEffect
from store.insert import insert_into
from store.tables import EffectRow


@dataclass(frozen=True)
class Begun:
    """How an effect stands.

    `new`: it is yours to do now. `pending`: somebody began it and nobody knows that it was done: settle it by the
    tool's nature, never blindly. `done`: `reply` is what came of it.
    """

    state: Literal["new", "pending", "done"]
    reply: ToolReply | None = None


class Effects:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, key: str, call: ToolCall) -> Begun:
        """Enter an effect as pending, before it is done. Of all who begin one key, exactly one is told `new`.

        One that failed, and so is known not to have happened, is `new` again.
        """
        async with self._db.session() as session:
            insert = insert_into(session, EffectRow).values(
                key=key,
                state="pending",
                call=call.model_dump(mode="json"),
                run=call.site.run,
                reason="",
                begun_at=datetime.now(UTC),
            )
            if await session.scalar(insert.on_conflict_do_nothing().returning(EffectRow.key)) is not None:
                return Begun("new")
            if await _begin_again(session, key):
                return Begun("new")
            row = await session.get_one(EffectRow, key)
            if row.state == "done":
                return Begun("done", ToolReply.model_validate(row.reply))
            return Begun("pending")

    async def finish(self, key: str, reply: ToolReply) -> None:
        """It was done, and this came of it. Raises UnknownEffect for a key never begun, as all three below."""
        await self._settle(key, "done", reply=reply.model_dump(mode="json"))

    async def fail(self, key: str, reason: str) -> None:
        """It is known not to have happened: it may be begun again."""
        await self._settle(key, "failed", reason=reason)

    async def in_doubt(self, key: str, reason: str = "") -> None:
        """Nothing can tell whether it happened: it stays unsettled until a person says."""
        await self._settle(key, "in_doubt", reason=reason)

    async def _settle(self, key: str, state: str, **outcome: object) -> None:
        async with self._db.session() as session:
            settled = (
                update(EffectRow)
                .where(EffectRow.key == key)
                .values(state=state, settled_at=datetime.now(UTC), **outcome)
                .returning(EffectRow.key)
            )
            if await session.scalar(settled) is None:
                raise UnknownEffect(f"effect {key!r} can't become {state}: it was never begun")


async def _begin_again(session: AsyncSession, key: str) -> bool:
    again = (
        update(EffectRow)
        .where(EffectRow.key == key, EffectRow.state == "failed")
        .values(state="pending", reason="", begun_at=datetime.now(UTC), settled_at=None)
        .returning(EffectRow.key)
    )
    return await session.scalar(again) is not None
