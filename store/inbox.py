"""The spool of the door: events that were accepted on the strength of this table, because Temporal couldn't take them.

A workflow's rows leave in the order of their numbers. Only the oldest undelivered one of a workflow, its head, can be
taken, and who takes it holds the whole workflow by a lease on that row: of several starters, one delivers. Who dies
lets the lease run out, and what it had delivered may be delivered again: the workflow knows the event's id.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, exists, func, literal, select, tuple_, union, update
from sqlalchemy.orm import aliased

from contracts.events import Event
from store.database import Database
from store.door import note_receipts, write
from store.insert import insert_into
from store.quarantine import Unread, add
from store.tables import InboxRow, ReceiptRow
from store.together import Together

LEASE = timedelta(seconds=15)
AT_ONCE = 20
"""Rows of one workflow that are taken together."""

KEPT = timedelta(days=1)
"""Delivered rows, to be looked at. Shorter than receipts are kept: a row that is here has its receipt too."""

_HAD, _QUEUED = "had", "queued"
_WAITS = InboxRow.delivered_at.is_(None)

# One question, for each event is held up by it; and written once, for putting it together takes as long as asking it.
_ASKED: BindParameter[Any] = bindparam("events", expanding=True)
_STANDING = union(
    select(literal(_HAD), ReceiptRow.source, ReceiptRow.event_id, ReceiptRow.agent).where(
        tuple_(ReceiptRow.source, ReceiptRow.event_id).in_(_ASKED)
    ),
    select(literal(_HAD), InboxRow.source, InboxRow.event_id, InboxRow.agent).where(
        tuple_(InboxRow.source, InboxRow.event_id).in_(_ASKED), _WAITS
    ),
    select(literal(_QUEUED), literal(""), literal(""), InboxRow.workflow_id).where(
        InboxRow.workflow_id.in_(bindparam("workflows", expanding=True)), _WAITS
    ),
)

Asked = tuple[Event, Collection[str]]
"""An event, and the workflows that it is for."""


@dataclass(frozen=True)
class Standing:
    """How an event stands before it is taken in."""

    had: frozenset[str]
    """Agents that have the event already, or for which it is in the spool."""

    queued: frozenset[str]
    """Workflows with undelivered rows: what is new for them goes behind those."""


@dataclass(frozen=True)
class Spooled:
    """One undelivered row. `event` is as it was written; another version may have done that."""

    number: int
    source: str
    agent: str
    workflow_id: str
    event: dict[str, Any]
    received_at: datetime
    tries: int


@dataclass(frozen=True)
class Waiting:
    """What the spool holds undelivered."""

    rows: int
    oldest: datetime | None


class Inbox:
    def __init__(self, db: Database, lease: timedelta = LEASE) -> None:
        self._db = db
        self.lease = lease
        self._standings: Together[Asked, Standing] = Together(self._standing_of)

    async def standing(self, event: Event, workflows: Collection[str]) -> Standing:
        """Who has the event, and which of these workflows have others waiting."""
        return await self._standings.do((event, workflows))

    async def _standing_of(self, asked: Sequence[Asked]) -> Sequence[Standing]:
        told = {
            "events": [(event.source, event.id) for event, _ in asked],
            "workflows": list({each for _, workflows in asked for each in workflows}),
        }
        found = await self._db.at_once(lambda connection: {tuple(row) for row in connection.execute(_STANDING, told)})
        return [_standing(found, event, workflows) for event, workflows in asked]

    async def put(self, event: Event, workflows: Mapping[str, str], at: datetime) -> None:
        """Keep the event for each agent, `workflows` by agent. Once this returns, a power cut doesn't lose it.

        An event that is here already isn't put a second time.
        """
        async with self._db.session(durable=True) as session:
            for agent, workflow_id in workflows.items():
                row = insert_into(session, InboxRow).values(
                    source=event.source,
                    event_id=event.id,
                    agent=agent,
                    entity=str(event.entity),
                    workflow_id=workflow_id,
                    event=event.model_dump(mode="json"),
                    received_at=at,
                    tries=0,
                    last_error="",
                    not_before=at,
                )
                if await session.scalar(row.on_conflict_do_nothing().returning(InboxRow.number)) is not None:
                    await write(session, event, "spooled", at=at, agent=agent, workflow_id=workflow_id)

    async def take(self) -> Sequence[Spooled]:
        """The oldest rows of one workflow that nobody is at, in their order; empty where there are none.

        They are the caller's for one lease.
        """
        async with self._db.session() as session:
            now = await self._db.now(session)
            head = await session.scalar(_heads(now))
            if head is None:
                return ()
            rows = select(InboxRow).where(InboxRow.workflow_id == head.workflow_id, _WAITS)
            taken = [_spooled(row) for row in await session.scalars(rows.order_by(InboxRow.number).limit(AT_ONCE))]
            head.not_before = now + self.lease
            return taken

    async def delivered(self, rows: Sequence[tuple[Spooled, Event]], at: datetime) -> None:
        """Temporal has these: a receipt and an entry in the door's book for each."""
        async with self._db.session() as session:
            numbers = [row.number for row, _ in rows]
            settled = update(InboxRow).where(InboxRow.number.in_(numbers), _WAITS).returning(InboxRow.number)
            fresh = {*await session.scalars(settled.values(delivered_at=at, tries=InboxRow.tries + 1))}
            mine = [(event, {row.agent: row.workflow_id}, at) for row, event in rows if row.number in fresh]
            await (await session.connection()).run_sync(note_receipts, mine)

    async def put_off(self, row: Spooled, error: str, pause: timedelta) -> None:
        """The row couldn't be delivered now; its workflow rests meanwhile. Without an error it only goes back."""
        async with self._db.session() as session:
            later = {"not_before": await self._db.now(session) + pause}
            tried = {"tries": InboxRow.tries + 1, "last_error": error[:500]} if error else {}
            await session.execute(update(InboxRow).where(InboxRow.number == row.number, _WAITS).values(later | tried))

    async def set_aside(self, row: Spooled, unread: Unread, at: datetime) -> None:
        """The row can't ever be delivered: it goes into quarantine, and the next one of its workflow is the head."""
        async with self._db.session() as session:
            gone = delete(InboxRow).where(InboxRow.number == row.number, _WAITS).returning(InboxRow.number)
            if await session.scalar(gone) is not None:
                add(session, unread, at)

    async def waiting(self) -> Waiting:
        """How many rows are undelivered, and since when the oldest."""
        async with self._db.reading() as session:
            query = select(func.count().label("rows"), func.min(InboxRow.received_at).label("oldest")).where(_WAITS)
            found = (await session.execute(query)).one()
            return Waiting(found.rows, found.oldest)

    async def queued(self) -> frozenset[str]:
        """The workflows with undelivered rows."""
        async with self._db.reading() as session:
            return frozenset(await session.scalars(select(InboxRow.workflow_id).where(_WAITS).distinct()))

    async def sweep(self, before: datetime) -> int:
        """Remove what was delivered before that; how many rows that were."""
        async with self._db.session() as session:
            gone = delete(InboxRow).where(InboxRow.delivered_at < before).returning(InboxRow.number)
            return len((await session.scalars(gone)).all())


def _heads(now: datetime) -> Any:
    """Of the heads that may be taken the oldest, locked; PostgreSQL passes over those that another one locks."""
    earlier = aliased(InboxRow)
    before = exists().where(
        earlier.workflow_id == InboxRow.workflow_id,
        earlier.delivered_at.is_(None),
        earlier.number < InboxRow.number,
    )
    query = select(InboxRow).where(_WAITS, InboxRow.not_before <= now, ~before).order_by(InboxRow.number)
    return query.limit(1).with_for_update(skip_locked=True)


def _standing(found: Collection[tuple[str, ...]], event: Event, workflows: Collection[str]) -> Standing:
    return Standing(
        frozenset(agent for what, *of, agent in found if what == _HAD and of == [event.source, event.id]),
        frozenset(name for what, _, _, name in found if what == _QUEUED and name in workflows),
    )


def _spooled(row: InboxRow) -> Spooled:
    return Spooled(row.number, row.source, row.agent, row.workflow_id, row.event, row.received_at, row.tries)
