"""The spool: order per workflow, one deliverer at a time, and what becomes of a row."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.event import listen

from contracts.events import EntityRef, Event
from store.database import Database
from store.door import Door
from store.inbox import Inbox, Spooled
from store.quarantine import Quarantine, Unread
from store.receipts import Receipts
from tests.unit.store.samples import event

MINUTE = timedelta(minutes=1)


async def put(db: Database, deal: str, *ids: str) -> None:
    """Events of one deal, for the agent `sales`."""
    for each in ids:
        await Inbox(db).put(on(deal, each), {"sales": f"sales:deal:{deal}"}, datetime.now(UTC))


def on(deal: str, id: str) -> Event:  # noqa: A002
    return event(id).model_copy(update={"entity": EntityRef(kind="deal", id=deal)})


async def deliver(db: Database, *rows: Spooled) -> None:
    await Inbox(db).delivered([(row, Event.model_validate(row.event)) for row in rows], datetime.now(UTC))


def ids(rows: Sequence[Spooled]) -> list[str]:
    return [row.event["id"] for row in rows]


async def test_rows_come_back_oldest_first_and_in_order_per_workflow(db: Database) -> None:
    """One workflow at a time, all that waits for it."""
    await put(db, "1", "a", "b")
    await put(db, "2", "c")
    await put(db, "1", "d")
    assert ids(await Inbox(db).take()) == ["a", "b", "d"]
    assert ids(await Inbox(db).take()) == ["c"]
    assert ids(await Inbox(db).take()) == []


async def test_a_workflow_that_somebody_is_at_is_nobody_elses(db: Database) -> None:
    """Not even with rows that came later."""
    await put(db, "1", "a")
    taken = await Inbox(db).take()
    await put(db, "1", "b")
    assert ids(await Inbox(db).take()) == []
    await deliver(db, *taken)
    assert ids(await Inbox(db).take()) == ["b"]


async def test_of_many_who_take_at_once_each_gets_another_workflow(db: Database) -> None:
    """No row is given out twice, whatever the database."""
    for deal in range(10):
        await put(db, str(deal), f"{deal}-a", f"{deal}-b")
    taken = await asyncio.gather(*(Inbox(db).take() for _ in range(15)))
    assert sorted(ids(rows)[0] for rows in taken if rows) == [f"{deal}-a" for deal in range(10)]


async def test_a_lease_that_ran_out_lets_the_next_one_in(db: Database) -> None:
    """Who died holds nothing up for longer."""
    await put(db, "1", "a")
    dead = Inbox(db, lease=timedelta(0))
    assert ids(await dead.take()) == ["a"]
    assert ids(await Inbox(db).take()) == ["a"]


async def test_a_row_that_was_put_off_rests_with_its_workflow(db: Database) -> None:
    """Others go on; the try and its reason are on record."""
    await put(db, "1", "a", "b")
    await put(db, "2", "c")
    (first, _) = await Inbox(db).take()
    await Inbox(db).put_off(first, "busy", MINUTE)
    assert ids(await Inbox(db).take()) == ["c"]
    async with db.reading() as session:
        found = await session.execute(text("SELECT tries, last_error FROM inbox ORDER BY number"))
        assert [tuple(row) for row in found] == [(1, "busy"), (0, ""), (0, "")]


async def test_what_was_delivered_has_a_receipt_and_an_entry(db: Database) -> None:
    """Spooled, then accepted, in the door's book; once, also where it is said twice."""
    await put(db, "1", "a")
    taken = await Inbox(db).take()
    await deliver(db, *taken)
    await deliver(db, *taken)
    assert await Receipts(db).agents("pipedrive", "a") == {"sales"}
    assert [entry.outcome for entry in await Door(db).of_entity("deal:1")] == ["spooled", "accepted"]
    assert (await Inbox(db).waiting()).rows == 0


async def test_an_event_is_spooled_once_for_an_agent(db: Database) -> None:
    """However often it is put; for another agent it is another row."""
    await put(db, "1", "a", "a")
    await Inbox(db).put(on("1", "a"), {"sales": "sales:deal:1", "other": "other:deal:1"}, datetime.now(UTC))
    assert (await Inbox(db).waiting()).rows == 2
    assert [entry.agent for entry in await Door(db).of_entity("deal:1")] == ["sales", "other"]


async def test_standing_tells_who_has_an_event_and_who_must_queue(db: Database) -> None:
    """By receipt or by a row; a workflow queues until its last row is delivered."""
    await put(db, "1", "a")
    workflows = ["sales:deal:1", "other:deal:1"]
    standing = await Inbox(db).standing(on("1", "a"), workflows)
    assert (standing.had, standing.queued) == (frozenset({"sales"}), frozenset({"sales:deal:1"}))
    assert (await Inbox(db).standing(on("1", "b"), workflows)).had == set()
    await deliver(db, *await Inbox(db).take())
    standing = await Inbox(db).standing(on("1", "a"), workflows)
    assert (standing.had, standing.queued) == (frozenset({"sales"}), frozenset())


async def test_what_can_not_be_delivered_goes_into_quarantine_and_the_next_one_goes_on(db: Database) -> None:
    """In one go, and once."""
    await put(db, "1", "bad", "good")
    (bad, _) = await Inbox(db).take()
    for _ in range(2):
        await Inbox(db).set_aside(bad, Unread("pipedrive", b"{}", "x/y", "too long"), datetime.now(UTC))
    assert [each.reason for each in await Quarantine(db).all("waiting")] == ["too long"]
    assert ids(await Inbox(db).take()) == ["good"]


async def test_the_oldest_says_how_long_it_waits(db: Database) -> None:
    """By when it was received."""
    assert (await Inbox(db).waiting()).oldest is None
    await put(db, "1", "a", "b")
    oldest = (await Inbox(db).waiting()).oldest
    assert oldest is not None
    assert datetime.now(UTC) - oldest < MINUTE


async def test_the_workflows_with_something_waiting_are_told(db: Database) -> None:
    """Each once, for as long as one of its rows waits."""
    await put(db, "1", "a", "b")
    await put(db, "2", "c")
    assert await Inbox(db).queued() == {"sales:deal:1", "sales:deal:2"}
    rows = await Inbox(db).take()
    await deliver(db, rows[0])
    assert "sales:deal:1" in await Inbox(db).queued()
    await deliver(db, *rows)
    assert await Inbox(db).queued() == {"sales:deal:2"}


async def test_the_sweep_removes_what_was_delivered_long_ago(db: Database) -> None:
    """And never what waits; receipts by their own time."""
    await put(db, "1", "a")
    await put(db, "2", "b")
    await deliver(db, *await Inbox(db).take())
    later = datetime.now(UTC) + MINUTE
    assert (await Inbox(db).sweep(later - 2 * MINUTE), await Inbox(db).sweep(later)) == (0, 1)
    assert (await Receipts(db).sweep(later - 2 * MINUTE), await Receipts(db).sweep(later)) == (0, 1)
    assert (await Inbox(db).waiting()).rows == 1
    assert await Receipts(db).agents("pipedrive", "a") == set()


async def test_what_is_spooled_or_kept_outlives_a_power_cut(tmp_path: Path, migrated_file: Path) -> None:
    """It is written over the connections that wait for the disk; what is only taken or settled isn't."""
    db = Database(f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path / 'farm.db')}")
    written: list[str] = []
    listen(db._durable.sync_engine, "before_cursor_execute", lambda *its: written.append(its[2]))
    await put(db, "1", "a")
    await Quarantine(db).keep(Unread("pipedrive", b"{}", "x/y", "why"), datetime.now(UTC))
    for table in ("inbox", "quarantine"):
        assert any(each.startswith(f"INSERT INTO {table} ") for each in written)
    written.clear()
    await deliver(db, *await Inbox(db).take())
    assert written == []
    await db.close()
