import asyncio
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from store.blobs import Blobs
from store.database import Database
from store.tables import BlobRow


async def test_a_block_that_raises_writes_nothing(db: Database) -> None:
    """A transaction is whole or not at all."""
    with pytest.raises(RuntimeError):
        await write_and_raise(db)
    assert await Blobs(db).get_all(["a" * 64]) == {}


async def test_a_reader_does_not_wait_for_a_writer(db: Database) -> None:
    """While one transaction writes, another reads what was there before."""
    async with db.session() as session:
        session.add(BlobRow(ref="a" * 64, body=b""))
        await session.flush()
        assert await asyncio.wait_for(Blobs(db).get_all(["a" * 64]), timeout=5) == {}


async def test_a_writer_that_is_cancelled_lets_the_next_one_in(db: Database) -> None:
    """A timeout in the middle of a transaction costs that transaction alone."""
    begun = asyncio.Event()
    writer = asyncio.create_task(write_and_wait(db, begun))
    await begun.wait()
    writer.cancel()
    await asyncio.wait([writer])
    ref = await asyncio.wait_for(Blobs(db).put("next"), timeout=5)
    assert list(await Blobs(db).get_all(["a" * 64, ref])) == [ref]


async def test_many_writers_of_two_processes_all_get_through(store_url: str) -> None:
    """Writers queue; none is told that the database is busy."""
    databases = [Database(store_url), Database(store_url)]
    refs = await asyncio.gather(*(Blobs(db).put(f"text {n}") for n in range(40) for db in databases))
    assert len(await Blobs(databases[0]).get_all(refs)) == 40
    for db in databases:
        await db.close()


async def test_processes_that_start_at_once_all_find_the_tables(bare_url: str) -> None:
    """One migrates, the others wait for it."""
    command = [sys.executable, "-m", "store.migrations"]
    processes = [
        await asyncio.create_subprocess_exec(*command, env=os.environ | {"FARM_STORE_URL": bare_url}) for _ in range(3)
    ]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    db = Database(bare_url)
    assert await Blobs(db).get(await Blobs(db).put("here")) == "here"
    await db.close()


async def test_migrating_twice_changes_nothing(db: Database) -> None:
    """Every process may migrate at its start."""
    ref = await Blobs(db).put("kept")
    await db.migrate()
    assert await Blobs(db).get(ref) == "kept"


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    """A fresh checkout has no `.farm` folder yet."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'farm.db'}")
    await db.migrate()
    await db.close()
    assert (tmp_path / "new" / "farm.db").exists()


async def test_sqlite_is_set_up_for_several_processes(tmp_path: Path) -> None:
    """Write-ahead log, normal synchronisation, patience, and foreign keys that count."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    async with db.reading() as session:
        found = {
            name: await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    await db.close()
    assert found == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 30_000, "foreign_keys": 1}


async def test_what_must_outlive_a_power_cut_waits_for_the_disk(tmp_path: Path) -> None:
    """On SQLite a durable transaction commits with synchronous=FULL, and the others still don't."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    async with db.session(durable=True) as session:
        assert await session.scalar(text("PRAGMA synchronous")) == 2
    async with db.session() as session:
        assert await session.scalar(text("PRAGMA synchronous")) == 1
    await db.close()


async def write_and_raise(db: Database) -> None:
    async with db.session() as session:
        session.add(BlobRow(ref="a" * 64, body=b""))
        await session.flush()
        raise RuntimeError


async def write_and_wait(db: Database, begun: asyncio.Event) -> None:
    async with db.session() as session:
        session.add(BlobRow(ref="a" * 64, body=b""))
        await session.flush()
        begun.set()
        await asyncio.sleep(60)
