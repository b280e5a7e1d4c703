"""Short transactions in a thread, beside the sessions of the same store."""

import asyncio

import pytest
from sqlalchemy import Connection, insert, text

from store.blobs import Blobs
from store.database import Database
from store.tables import BlobRow

ONE = "a" * 64


def put(connection: Connection) -> None:
    connection.execute(insert(BlobRow.__table__), [{"ref": ONE, "body": b""}])


def put_and_raise(connection: Connection) -> None:
    put(connection)
    raise RuntimeError


def refs(connection: Connection) -> list[str]:
    return [row.ref for row in connection.execute(text("SELECT ref FROM blobs"))]


async def test_what_raises_writes_nothing(db: Database) -> None:
    """Whole or not at all; and the error is told."""
    with pytest.raises(RuntimeError):
        await db.at_once(put_and_raise, writes=True)
    assert await db.at_once(refs) == []


async def test_what_is_written_is_there_for_all(db: Database) -> None:
    """For sessions, and for other threads."""
    await db.at_once(put, writes=True)
    assert await db.at_once(refs) == [ONE]
    async with db.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM blobs")) == 1


async def test_a_look_does_not_wait_for_a_writer(db: Database) -> None:
    """While a session writes, a thread reads what was there before."""
    async with db.session() as session:
        session.add(BlobRow(ref=ONE, body=b""))
        await session.flush()
        assert await asyncio.wait_for(db.at_once(refs), timeout=5) == []


async def test_a_write_waits_its_turn_behind_a_session(db: Database) -> None:
    """Neither is told that the database is busy, and both are done."""
    async with db.session() as session:
        session.add(BlobRow(ref="b" * 64, body=b""))
        await session.flush()
        writing = asyncio.create_task(db.at_once(put, writes=True))
        await asyncio.sleep(0.1)
    await asyncio.wait_for(writing, timeout=5)
    assert sorted(await db.at_once(refs)) == [ONE, "b" * 64]


async def test_many_at_once_all_get_through(db: Database) -> None:
    """Threads and sessions of one process, in any order."""
    writes = [Blobs(db).put(f"text {number}") for number in range(20)]
    looks = [db.at_once(refs) for _ in range(20)]
    done = await asyncio.wait_for(asyncio.gather(*writes, *looks), timeout=30)
    assert len(set(map(str, done[:20]))) == 20
    assert len(await db.at_once(refs)) == 20
