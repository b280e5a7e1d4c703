"""The journal of side effects: written before one is done, so that after a crash none is repeated blindly."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import ColumnElement, Update, and_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calls import ToolCall, ToolReply
from store.database import Database
from store.errors import UnknownEffect
from store.insert import insert_into
from store.tables import EffectRow

UNSETTLED = ("pending", "in_doubt")


@dataclass(frozen=True)
class Begun:
    """How an effect stands.

    `new`: it is yours to do now. `pending`: somebody began it and nobody knows that it was done: settle it by the
    tool's nature, never blindly. `done`: `reply` is what came of it, or what a person said of it. `attempt` is your
    number among those who were let in.
    """

    state: Literal["new", "pending", "done"]
    attempt: int = 0
    reply: ToolReply | None = None


@dataclass(frozen=True)
class Ending:
    """How an effect ended, or an attempt at it.

    `done` is always true, whoever comes to know it. `failed` says that it is known not to have happened, and counts
    only of the latest attempt: an earlier one can't speak for those after it. `in_doubt`: nothing can tell.
    `skipped`: a person left it so. `by`: who or what tells, where that isn't the call itself.
    """

    state: Literal["done", "failed", "in_doubt", "skipped"]
    attempt: int = 0
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class Standing:
    """How an effect stands, to be told. `absent`: it was never begun."""

    state: Literal["absent", "pending", "done", "failed", "in_doubt", "skipped"]
    reply: ToolReply | None = None


class Effects:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, key: str, call: ToolCall) -> Begun:
        """Enter an effect as pending, before it is done. Of all who begin one key, exactly one is told `new`.

        One that failed, and so is known not to have happened, is `new` again; so is one in doubt, once for each
        approval by which a person said so (`call.again`).
        """
        async with self._db.session() as session:
            insert = insert_into(session, EffectRow).values(
                key=key,
                state="pending",
                call=call.model_dump(mode="json"),
                run=call.site.run,
                reason="",
                attempt=1,
                rulings=[call.again] if call.again else [],
                begun_at=datetime.now(UTC),
            )
            if await session.scalar(insert.on_conflict_do_nothing().returning(EffectRow.key)) is not None:
                return Begun("new", attempt=1)
            row = (await session.scalars(select(EffectRow).where(EffectRow.key == key).with_for_update())).one()
            return _begin_again(row, call)

    async def take_over(self, key: str, attempt: int) -> bool:
        """Do it after all, for it is known now not to have happened. False where a later attempt was let in."""
        mine = and_(EffectRow.key == key, EffectRow.state.in_(UNSETTLED), EffectRow.attempt == attempt)
        async with self._db.session() as session:
            taken = update(EffectRow).where(mine).values(state="pending", reason="", settled_at=None)
            return await session.scalar(taken.returning(EffectRow.key)) is not None

    async def settle(self, key: str, ending: Ending, reply: ToolReply | None = None) -> None:
        """Enter how it ended. Raises UnknownEffect for a key never begun."""
        async with self._db.session() as session:
            await settle(session, key, ending, reply)

    async def give_up(self, key: str, reason: str) -> Standing:
        """Nobody goes on trying: what nobody has settled is in doubt from now on. Says how it stands."""
        async with self._db.session() as session:
            await session.execute(_change(key, Ending("in_doubt", reason=reason), None))
            row = await session.get(EffectRow, key)
            if row is None:
                return Standing("absent")
            return Standing(row.state, ToolReply.model_validate(row.reply) if row.reply else None)  # type: ignore[arg-type]


async def settle(session: AsyncSession, key: str, ending: Ending, reply: ToolReply | None) -> None:
    """Enter how an effect ended, as a part of a transaction that keeps more. What says nothing new changes nothing."""
    if await session.scalar(_change(key, ending, reply).returning(EffectRow.key)) is not None:
        return
    if await session.get(EffectRow, key) is None:
        raise UnknownEffect(f"effect {key!r} can't become {ending.state}: it was never begun")


def _begin_again(row: EffectRow, call: ToolCall) -> Begun:
    if row.state not in (*UNSETTLED, "failed"):
        return Begun("done", row.attempt, ToolReply.model_validate(row.reply))
    row.attempt += 1
    said_again = bool(call.again) and call.again not in row.rulings
    if row.state != "failed" and not said_again:
        return Begun("pending", row.attempt)
    row.state, row.reason, row.begun_at, row.settled_at = "pending", "", datetime.now(UTC), None
    row.rulings = [*row.rulings, call.again] if said_again else row.rulings
    return Begun("new", row.attempt)


def _change(key: str, ending: Ending, reply: ToolReply | None) -> Update:
    outcome = {"reply": reply.model_dump(mode="json")} if reply and ending.state in {"done", "skipped"} else {}
    return (
        update(EffectRow)
        .where(EffectRow.key == key, _may_become(ending))
        .values(
            state=ending.state,
            reason=ending.reason,
            settled_by=ending.by,
            settled_at=datetime.now(UTC),
            **outcome,
        )
    )


def _may_become(ending: Ending) -> ColumnElement[bool]:
    """Of which effects an ending says something. A late word of an attempt long given up takes nothing back."""
    match ending.state:
        case "done":
            return true()
        case "failed":
            return and_(EffectRow.state == "pending", EffectRow.attempt == ending.attempt)
        case "in_doubt":
            return EffectRow.state == "pending"
        case "skipped":
            return EffectRow.state.in_(UNSETTLED)
