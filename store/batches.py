"""Requests that go to a vendor together: asked, gathered into a batch, settled. What is written here decides.

A request goes one way only: waiting -> in_batch -> answered or failed; or waiting -> withdrawn. Whoever takes it out of
`waiting` has it, so it is either in one batch or goes by itself, and never both.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.batches import (
    BatchBook,
    BatchLeave,
    BatchOrder,
    BatchRef,
    BatchStanding,
    BatchState,
    BatchWaiter,
    BatchWish,
)
from contracts.calls import CallSite, ModelCall, ModelReply
from store import model_calls, prices
from store.chain import Turn
from store.database import Database
from store.insert import insert_into
from store.model_calls import Bill
from store.tables import BatchRequestRow, BatchRow, ModelCallRow
from store.transcripts import Transcripts

WAITING, IN_BATCH, ANSWERED, FAILED, WITHDRAWN = "waiting", "in_batch", "answered", "failed", "withdrawn"


@dataclass(frozen=True)
class Batch:
    """A batch as it is on record."""

    token: str
    agent: str
    vendor_id: str
    requests: int
    begun_at: datetime
    tried_at: datetime | None
    submitted_at: datetime | None
    over_at: datetime | None


@dataclass(frozen=True)
class Gathered:
    """A request of a batch, not settled yet."""

    custom_id: str
    call: ModelCall
    model: Mapping[str, Any]
    """Which model was asked, and the price of it then; empty before it was."""


@dataclass(frozen=True)
class Kept:
    """An answer and the turns that it leaves."""

    reply: ModelReply
    turns: Sequence[Turn]
    asked: str
    """The model whose prices hold."""

    latency_s: float
    bill: Bill


class Batches:
    def __init__(self, db: Database, transcripts: Transcripts) -> None:
        self._db = db
        self._transcripts = transcripts

    # -- a run's side --

    async def ask(self, wish: BatchWish, at: datetime) -> BatchStanding:
        """Enter a request; one that is there already stands as it does. Settled where its call is answered already."""
        site = wish.call.site
        row = {
            "run": site.run,
            "step": site.step,
            "agent": site.agent,
            "call": wish.call.model_dump(mode="json"),
            "told": wish.told,
            "state": WAITING,
            "token": "",
            "custom_id": "",
            "reason": "",
            "asked_at": at,
        }
        async with self._db.session() as session:
            if await session.get(ModelCallRow, (site.run, site.step)) is not None:
                return BatchStanding(state="settled")
            await session.execute(insert_into(session, BatchRequestRow).values(row).on_conflict_do_nothing())
            return await _standing(session, site)

    async def leave(self, leave: BatchLeave, at: datetime) -> BatchStanding:
        """Take a request out; one that is in a batch stays in it."""
        mine = _is_of(leave.site)
        taken_out = update(BatchRequestRow).where(mine, BatchRequestRow.state == WAITING)
        nobody = update(BatchRequestRow).where(mine, BatchRequestRow.state == IN_BATCH)
        async with self._db.session() as session:
            await session.execute(taken_out.values(state=WITHDRAWN, settled_at=at))
            if leave.for_good:
                await session.execute(nobody.values(told=""))
            return await _standing(session, leave.site)

    # -- the collector's side --

    async def book(self, agent: str) -> BatchBook:
        """What waits, and the batches that aren't over, oldest first."""
        its = (BatchRow.agent == agent, BatchRow.over_at.is_(None))
        async with self._db.reading() as session:
            tokens = await session.scalars(select(BatchRow.token).where(*its).order_by(BatchRow.begun_at))
            refs = tuple(BatchRef(agent=agent, token=token) for token in tokens)
            return BatchBook(waiting=await _waiting(session, agent), batches=refs)

    async def waiting(self, agent: str) -> int:
        """How many requests wait for a batch."""
        async with self._db.reading() as session:
            return await _waiting(session, agent)

    async def gather(self, order: BatchOrder, at: datetime) -> Batch | None:
        """The batch of that token: what waits goes into it, the oldest first. None where nothing waits."""
        row = BatchRequestRow
        oldest = select(row.run, row.step).where(row.agent == order.agent, row.state == WAITING)
        async with self._db.session() as session:
            await self._db.queue_for(session, f"batches of {order.agent}")
            if there := await session.get(BatchRow, order.token):
                return _batch(there)
            sites = (await session.execute(oldest.order_by(row.asked_at, row.run).limit(order.most))).all()
            taken = [await _take(session, run, step, order.token, n) for n, (run, step) in enumerate(sites)]
            if not any(taken):
                return None
            batch = BatchRow(
                token=order.token,
                agent=order.agent,
                vendor_id="",
                requests=sum(taken),
                begun_at=at,
                reason="",
            )
            session.add(batch)
            await session.flush()
            return _batch(batch)

    async def get(self, token: str) -> Batch | None:
        async with self._db.reading() as session:
            found = await session.get(BatchRow, token)
            return _batch(found) if found else None

    async def requests(self, token: str) -> Sequence[Gathered]:
        """Those of a batch that aren't settled."""
        row = BatchRequestRow
        query = select(row).where(row.token == token, row.state == IN_BATCH).order_by(row.custom_id)
        async with self._db.reading() as session:
            found = await session.scalars(query)
            return [Gathered(each.custom_id, ModelCall.model_validate(each.call), each.model or {}) for each in found]

    async def waiters(self, token: str) -> tuple[BatchWaiter, ...]:
        """Who is to be told of the settled requests of a batch."""
        row = BatchRequestRow
        query = select(row).where(row.token == token, row.state != IN_BATCH, row.told != "")
        async with self._db.reading() as session:
            return tuple(
                BatchWaiter(told=each.told, site=CallSite(run=each.run, step=each.step))
                for each in await session.scalars(query)
            )

    async def known(self, vendor_ids: Collection[str]) -> set[str]:
        """Which of the vendor's batches are on record."""
        async with self._db.reading() as session:
            return set(await session.scalars(select(BatchRow.vendor_id).where(BatchRow.vendor_id.in_(vendor_ids))))

    async def trying(self, token: str, models: Mapping[str, Mapping[str, Any]], at: datetime) -> None:
        """It is about to be sent: custom id -> the model that is asked. From here on the vendor may have it."""
        row = BatchRequestRow
        async with self._db.session() as session:
            for custom_id, model in models.items():
                its = update(row).where(row.token == token, row.custom_id == custom_id)
                await session.execute(its.values(model=dict(model)))
            noted = update(BatchRow).where(BatchRow.token == token)
            await session.execute(noted.values(tried_at=at, requests=len(models)))

    async def not_taken(self, token: str) -> None:
        """The vendor said that it hasn't taken it in."""
        await self._note(token, tried_at=None)

    async def taken(self, token: str, vendor_id: str, at: datetime) -> None:
        """The vendor has it, under this name."""
        await self._note(token, vendor_id=vendor_id, submitted_at=at)

    async def over(self, token: str, at: datetime, reason: str) -> None:
        """No request of it is open any more: those that are go by themselves, for this reason."""
        row = BatchRequestRow
        rest = update(row).where(row.token == token, row.state == IN_BATCH)
        batch = update(BatchRow).where(BatchRow.token == token, BatchRow.over_at.is_(None))
        async with self._db.session() as session:
            left = (
                await session.scalars(rest.values(state=FAILED, reason=reason, settled_at=at).returning(row.step))
            ).all()
            answered = row.token == token, row.state == ANSWERED
            whole = not left and await session.scalar(select(func.count()).select_from(row).where(*answered))
            await session.execute(batch.values(over_at=at, reason="" if whole else reason))

    async def failed(self, site: CallSite, reason: str, at: datetime) -> None:
        """The batch brought no answer to this one: it goes by itself."""
        async with self._db.session() as session:
            await session.execute(_settle(site).values(state=FAILED, reason=reason, settled_at=at))

    async def answered(self, call: ModelCall, kept: Kept, asked_at: datetime, at: datetime) -> None:
        """The answer, its turns, its row in the ledger and the settled request: all or nothing, and once."""
        async with self._db.session() as session:
            settled = _settle(call.site).values(state=ANSWERED, settled_at=at).returning(BatchRequestRow.step)
            if await session.scalar(settled) is None:
                return
            await self._transcripts.enter(session, *kept.turns)
            asked, latency_s, bill = kept.asked, kept.latency_s, kept.bill
            if bill.rates:
                await prices.enter(session, bill.rates, asked_at)
            await model_calls.enter(session, call, kept.reply, asked=asked, latency_s=latency_s, at=asked_at, bill=bill)
        self._transcripts.remember(*kept.turns)

    async def _note(self, token: str, **values: object) -> None:
        async with self._db.session() as session:
            await session.execute(update(BatchRow).where(BatchRow.token == token).values(**values))


async def _take(session: AsyncSession, run: str, step: str, token: str, number: int) -> bool:
    row = BatchRequestRow
    mine = update(row).where(row.run == run, row.step == step, row.state == WAITING)
    taken = mine.values(state=IN_BATCH, token=token, custom_id=f"{token}-{number}").returning(row.step)
    return await session.scalar(taken) is not None


async def _waiting(session: AsyncSession, agent: str) -> int:
    row = BatchRequestRow
    query = select(func.count()).select_from(row).where(row.agent == agent, row.state == WAITING)
    return await session.scalar(query) or 0


async def _standing(session: AsyncSession, site: CallSite) -> BatchStanding:
    row = BatchRequestRow
    found = (await session.execute(select(row.state, row.token).where(_is_of(site)))).one_or_none()
    if found is None:
        return BatchStanding(state="settled")
    states: dict[str, BatchState] = {WAITING: "waiting", IN_BATCH: "in_batch"}
    state = states.get(found.state, "settled")
    return BatchStanding(state=state, token=found.token if state == "in_batch" else "")


def _settle(site: CallSite) -> Update:
    return update(BatchRequestRow).where(_is_of(site), BatchRequestRow.state == IN_BATCH)


def _is_of(site: CallSite) -> ColumnElement[bool]:
    return (BatchRequestRow.run == site.run) & (BatchRequestRow.step == site.step)


def _batch(row: BatchRow) -> Batch:
    return Batch(
        token=row.token,
        agent=row.agent,
        vendor_id=row.vendor_id,
        requests=row.requests,
        begun_at=row.begun_at,
        tried_at=row.tried_at,
        submitted_at=row.submitted_at,
        over_at=row.over_at,
    )
