"""What the farm is about to write, told before it is written: so that the door knows the vendor's webhook of it.

Each fingerprint is taken once, by the event that tells of it: who sets the same value later is heard.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select, update

from contracts.fingerprints import Fingerprint, OwnWrite
from store.database import Database
from store.insert import insert_into
from store.tables import OwnWriteRow
from store.together import Together

VALID = timedelta(minutes=10)
"""Twice the longest that a webhook is behind the word of its write: the vendor's call (15 s), the filing of a mail (30
s), then four deliveries of 10 s with pauses of 3, 30 and 150 s between them. What comes later is heard.
"""

KEPT = timedelta(days=8)
"""As long as receipts: the same event sent again is known by the fingerprint that it took."""

_OPEN = OwnWriteRow.taken_by == ""
_COLUMNS = (
    OwnWriteRow.number,
    OwnWriteRow.about,
    OwnWriteRow.name,
    OwnWriteRow.value,
    OwnWriteRow.run,
    OwnWriteRow.hop,
    OwnWriteRow.taken_by,
)


# One question for all events that come at about the same time, and written once: each waits for it.
_EXPECTED = select(*_COLUMNS).where(
    OwnWriteRow.about.in_(bindparam("abouts", expanding=True)),
    or_(
        and_(_OPEN, OwnWriteRow.expires_at > bindparam("now")),
        OwnWriteRow.taken_by.in_(bindparam("events", expanding=True)),
    ),
)

Expected = Row[int, str, str, str, str, int, str]
"""With `_COLUMNS`."""

Asked = tuple[str, str, Collection[Fingerprint]]
"""An event's id, what it is about, and its fingerprints."""


@dataclass(frozen=True)
class Recognised:
    """A fingerprint that an event has taken: in which run it was written, and how far from a person."""

    print: Fingerprint
    run: str
    hop: int


class OwnWrites:
    """`valid`: for how long a fingerprint waits for its webhook."""

    def __init__(self, db: Database, valid: timedelta = VALID) -> None:
        self._db = db
        self._valid = valid
        self._looking: Together[Asked, Sequence[Expected]] = Together(self._expected)

    async def expect(self, write: OwnWrite) -> None:
        """It is about to be written. Told again for the same effect, it takes the place of what no event has taken."""
        async with self._db.session() as session:
            now = await self._db.now(session)
            await session.execute(delete(OwnWriteRow).where(OwnWriteRow.key == write.key, _OPEN))
            whose = {"key": write.key, "run": write.run, "hop": write.hop, "taken_by": ""}
            rows = [each.model_dump() | whose | {"at": now, "expires_at": now + self._valid} for each in write.prints]
            await session.execute(insert_into(session, OwnWriteRow), rows)

    async def withdraw(self, key: str) -> None:
        """It is known not to have been written: nothing is expected of this effect any more."""
        async with self._db.session() as session:
            await session.execute(delete(OwnWriteRow).where(OwnWriteRow.key == key, _OPEN))

    async def take(self, event_id: str, about: str, prints: Collection[Fingerprint]) -> Sequence[Recognised]:
        """Those of an event's fingerprints that the farm expects; they are the event's then, also when it comes again.

        `about`: what all of them are about.
        """
        found = await self._looking.do((event_id, about, prints))
        fresh = [row.number for row in found if not row.taken_by]
        lost = set(fresh) - await self._take(fresh, event_id) if fresh else set()
        return [_recognised(row) for row in found if row.number not in lost]

    async def sweep(self, before: datetime) -> int:
        """Remove those of before; how many that were."""
        async with self._db.session() as session:
            gone = await session.execute(
                delete(OwnWriteRow).where(OwnWriteRow.at < before).returning(OwnWriteRow.number)
            )
            return len(gone.all())

    async def _expected(self, asked: Sequence[Asked]) -> Sequence[Sequence[Expected]]:
        told = {
            "abouts": list({about for _, about, _ in asked}),
            "events": list({event_id for event_id, _, _ in asked}),
        }

        def look(connection: Connection) -> Sequence[Expected]:
            return connection.execute(_EXPECTED, told | {"now": self._db.clock(connection)}).all()

        rows = await self._db.at_once(look)
        return [_matching(rows, *each) for each in asked]

    async def _take(self, numbers: Collection[int], event_id: str) -> set[int]:
        """Another event may have been quicker, and has it then."""
        mine = update(OwnWriteRow).where(OwnWriteRow.number.in_(numbers), _OPEN).values(taken_by=event_id)
        async with self._db.session() as session:
            return {*await session.scalars(mine.returning(OwnWriteRow.number))}


def _matching(
    rows: Iterable[Expected], event_id: str, about: str, prints: Collection[Fingerprint]
) -> Sequence[Expected]:
    """One row for each fingerprint: the one that this event has taken before, else the oldest. Pure."""
    wanted = {(each.name, each.value) for each in prints}
    ours = [row for row in rows if row.about == about and row.taken_by in ("", event_id)]
    ours.sort(key=lambda row: (row.taken_by == "", row.number))
    first: dict[tuple[str, str], Expected] = {}
    for row in ours:
        if (row.name, row.value) in wanted:
            first.setdefault((row.name, row.value), row)
    return list(first.values())


def _recognised(row: Expected) -> Recognised:
    print_ = Fingerprint(about=row.about, name=row.name, value=row.value)
    return Recognised(print_, row.run, row.hop)
