"""What is left behind of a drill of the intake: in the farm's own records, for the sender's word is known already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from ops.drill.intake.vendor import Posted
from store.database import Database
from store.inbox import Inbox
from store.quarantine import Quarantine
from store.tables import DoorRow, InboxRow, RunRow


@dataclass(frozen=True)
class Run:
    """One run and the events that it got, in their order."""

    name: str
    entity: str
    number: int
    status: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """All that the verdict is given on."""

    posted: Sequence[Posted]
    runs: Sequence[Run]
    """Of each entity in their order."""

    door: Mapping[str, tuple[str, ...]]
    """Event -> what the door wrote down when it let it in, in that order: `spooled`, `accepted`."""

    spooled: int
    """Events that went over the spool."""

    waiting: int
    """Of them those that are there still."""

    quarantined: int


async def gather(db: Database, posted: Sequence[Posted]) -> Evidence:
    """Read the records, once nothing moves any more."""
    return Evidence(
        posted=posted,
        runs=await runs(db),
        door=await _door(db),
        spooled=await _spooled(db),
        waiting=(await Inbox(db).waiting()).rows,
        quarantined=await Quarantine(db).waiting(),
    )


async def runs(db: Database) -> list[Run]:
    """All of them."""
    async with db.reading() as session:
        rows = (await session.execute(select(RunRow.run, RunRow.entity, RunRow.status, RunRow.events))).all()
    found = [
        Run(name, entity, int(name.rpartition("-")[2]), status, tuple(event["id"] for event in events))
        for name, entity, status, events in rows
    ]
    return sorted(found, key=lambda each: (each.entity, each.number))


async def _door(db: Database) -> dict[str, tuple[str, ...]]:
    query = select(DoorRow.event_id, DoorRow.outcome).where(DoorRow.outcome.in_(("spooled", "accepted")))
    entries: dict[str, tuple[str, ...]] = {}
    async with db.reading() as session:
        for event, outcome in await session.execute(query.order_by(DoorRow.number)):
            entries[event] = (*entries.get(event, ()), outcome)
    return entries


async def _spooled(db: Database) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(InboxRow)) or 0
