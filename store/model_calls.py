"""The ledger: every model call once, with who asked, who answered, and what it cost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.calls import ModelCall, ModelReply, Usage
from contracts.frozen import Frozen
from contracts.prices import Rates
from contracts.workflows import Used
from store import prices
from store.database import Database
from store.insert import insert_into
from store.tables import ModelCallRow


class Bill(Frozen):
    """How a call was paid, beside what its reply says."""

    rates: Rates | None = None
    """None where no price is known, or the gateway told only the sum."""

    cache_write_1h_tokens: int = 0
    batch: bool = False
    cached: bool = False
    """Answered from an earlier identical call, and so for nothing."""

    header: str = ""
    """Hash of what was sent ahead of the conversation."""

    cache_miss: str = ""
    """Why the vendor read less of the conversation from its cache than the turn before had put there."""

    request: str = ""
    """Hash of all that was sent, where the same request has the same answer."""


UNPRICED = Bill()


class TurnBefore(Frozen):
    """A conversation's last call, as far as the vendor's cache is concerned."""

    role: str
    model: str
    header: str
    kept_tokens: int
    """What its request left in the cache, or found there."""

    at: datetime


class ModelCalls:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def recorded(self, run: str, step: str) -> ModelReply | None:
        """The answer that this logical call already got; None where it is still to be made."""
        async with self._db.reading() as session:
            reply = await session.scalar(select(ModelCallRow.reply).where(_is_call(run, step)))
        return None if reply is None else ModelReply.model_validate(reply)

    async def by_batch(self, run: str, step: str) -> ModelCallRow | None:
        """The call, where it went by a batch."""
        async with self._db.reading() as session:
            return await session.scalar(select(ModelCallRow).where(_is_call(run, step), ModelCallRow.batch))

    async def record(
        self,
        call: ModelCall,
        reply: ModelReply,
        *,
        asked: str,
        latency_s: float,
        at: datetime,
        bill: Bill = UNPRICED,
    ) -> ModelReply:
        """Enter a call. The first answer entered for a run and step stands, and is what is returned.

        `asked`: the model name asked of the gateway (`reply.model` answered). `latency_s`: seconds. `at`: when it
        was asked.
        """
        async with self._db.session() as session:
            if bill.rates:
                await prices.enter(session, bill.rates, at)
            return await enter(session, call, reply, asked=asked, latency_s=latency_s, at=at, bill=bill)

    async def answered_alike(self, run: str, role: str, request: str) -> tuple[str, ModelReply] | None:
        """A run's first answer to that request: the model whose price held, and the reply. None where it has none."""
        row = ModelCallRow
        query = select(row.asked, row.reply).where(row.run == run, row.role == role, row.request == request)
        async with self._db.reading() as session:
            found = (await session.execute(query.order_by(row.at).limit(1))).first()
        return None if found is None else (found[0], ModelReply.model_validate(found[1]))

    async def before(self, call: ModelCall) -> TurnBefore | None:
        """The call that left the conversation as this one takes it up; None where it begins one, or goes on from a
        summary.
        """
        if not call.head:
            return None
        here = {"run": call.site.run, "head": call.head}
        found = await self._db.at_once(lambda connection: connection.execute(_BEFORE, here).first())
        return None if found is None else TurnBefore(**dict(zip(TurnBefore.model_fields, found, strict=True)))

    async def used(self, run: str) -> Used:
        """What a run has used by the ledger, its sub-agents included."""
        its_own = (ModelCallRow.run == run) | ModelCallRow.run.startswith(f"{run}/", autoescape=True)
        tokens = [func.coalesce(func.sum(getattr(ModelCallRow, name)), 0) for name in Usage.model_fields]
        query = select(func.count(), func.coalesce(func.sum(ModelCallRow.cost_usd), 0.0), *tokens).where(its_own)
        async with self._db.reading() as session:
            turns, cost_usd, *counts = (await session.execute(query)).one()
        usage = Usage(**dict(zip(Usage.model_fields, map(int, counts), strict=True)))
        return Used(turns=turns, cost_usd=cost_usd, usage=usage)

    async def of_run(self, run: str) -> Sequence[ModelCallRow]:
        """A run's calls, oldest first."""
        async with self._db.reading() as session:
            query = select(ModelCallRow).where(ModelCallRow.run == run).order_by(ModelCallRow.at)
            return (await session.scalars(query)).all()


async def enter(
    session: AsyncSession,
    call: ModelCall,
    reply: ModelReply,
    *,
    asked: str,
    latency_s: float,
    at: datetime,
    bill: Bill = UNPRICED,
) -> ModelReply:
    """Enter a call as a part of a transaction that keeps more, its price (`prices.enter`) among it."""
    row = {
        **call.site.in_full(),
        **bill.model_dump(exclude={"rates"}),
        "price_version": bill.rates.version if bill.rates else "",
        **reply.usage.model_dump(),
        "role": call.role,
        "asked": asked,
        "model": reply.model,
        "cost_usd": reply.cost_usd,
        "latency_s": latency_s,
        "fallback": reply.fallback,
        "parent": call.head,
        "head": reply.head,
        "reply": reply.model_dump(mode="json"),
        "at": at,
    }
    insert = insert_into(session, ModelCallRow).on_conflict_do_nothing()
    if await session.scalar(insert.returning(ModelCallRow.step), row) is not None:
        return reply
    first = await session.scalar(select(ModelCallRow.reply).where(_is_call(call.site.run, call.site.step)))
    return ModelReply.model_validate(first)


_BEFORE = (
    select(
        ModelCallRow.role,
        ModelCallRow.model,
        ModelCallRow.header,
        ModelCallRow.cache_read_tokens + ModelCallRow.cache_write_tokens,
        ModelCallRow.at,
    )
    .where(ModelCallRow.run == bindparam("run"), ModelCallRow.head == bindparam("head"))
    .limit(1)
)


def _is_call(run: str, step: str) -> ColumnElement[bool]:
    return (ModelCallRow.run == run) & (ModelCallRow.step == step)
