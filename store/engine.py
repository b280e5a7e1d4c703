"""From a URL to an engine: the two databases we know, and how each is set up."""

import asyncio
import sqlite3
from functools import partial
from time import monotonic
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from store.errors import BadStoreUrl

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 10
"""For a connection to PostgreSQL; without one the system's own is two minutes where a machine is gone."""

# WAL: readers don't wait for the writer. synchronous=NORMAL: a killed process loses nothing; a power cut may lose
# the last moments, never the file. What was accepted on the strength of this file alone is written by a `durable`
# engine, which waits for the disk. https://www.sqlite.org/pragma.html#pragma_synchronous
PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_S * 1000}", "synchronous=NORMAL", "foreign_keys=ON")

READS_ONLY = "farmstead_reads_only"
"""Execution option of connections that won't write, so that they needn't wait for SQLite's single writer."""


def store_url(url: str) -> URL:
    """The URL with the driver that we use. Raises BadStoreUrl."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The text may hold a password, so it is not repeated.
        raise BadStoreUrl(f"FARM_STORE_URL is no database URL; {_WANTED}") from None
    driver = DRIVERS.get(parsed.drivername)
    if driver is None:
        raise BadStoreUrl(f"FARM_STORE_URL asks for {parsed.drivername!r}, which the store can't use; {_WANTED}")
    if driver.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise BadStoreUrl(f"FARM_STORE_URL names no file, and several processes share the store; {_WANTED}")
    return parsed.set(drivername=driver)


_WANTED = "give sqlite+aiosqlite:///<file> or postgresql+psycopg://<user>:<password>@<host>/<database>"


def open_engine(url: URL, *, durable: bool = False) -> AsyncEngine:
    """An engine for a URL of `store_url`. Nothing is connected yet.

    `durable`: its commits outlive a power cut. PostgreSQL's do as it comes, unless its operator turned that off.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, (*PRAGMAS, "synchronous=FULL") if durable else PRAGMAS)
    return create_async_engine(_patient(url), pool_size=10, max_overflow=10, pool_pre_ping=True)


def _sqlite(url: URL, pragmas: tuple[str, ...]) -> AsyncEngine:
    # isolation_level None: the driver begins nothing by itself, so that _begin can say how.
    engine = create_async_engine(url, connect_args={"isolation_level": None})
    event.listen(engine.sync_engine, "connect", partial(_set_up, pragmas))
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def open_plain_engine(url: URL) -> Engine:
    """As `open_engine`, without asyncio: for a thread."""
    if url.get_backend_name() != "sqlite":
        return create_engine(_patient(url), pool_pre_ping=True)
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"isolation_level": None})
    event.listen(engine, "connect", _set_up_plain)
    event.listen(engine, "begin", _begin)
    return engine


def _patient(url: URL) -> URL:
    return url if "connect_timeout" in url.query else url.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT_S)})


def _set_up_plain(connection: sqlite3.Connection, _record: Any) -> None:
    # No switch to WAL: whoever made the tables did that, and the file stays so.
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _set_up(pragmas: tuple[str, ...], connection: Any, _record: Any) -> None:
    connection.run_async(partial(_set_pragmas, pragmas))


async def _set_pragmas(pragmas: tuple[str, ...], connection: aiosqlite.Connection) -> None:
    for pragma in pragmas:
        await connection.execute(f"PRAGMA {pragma}")
    await _write_ahead(connection)


async def _write_ahead(connection: aiosqlite.Connection) -> None:
    """Switch the file to WAL, which it then stays. Who meets another at the switch is refused without waiting."""
    deadline = monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if monotonic() > deadline:
                raise
            await asyncio.sleep(0.02)
        else:
            return


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once where another has written in between;
    # one that takes the write lock at its start waits its turn.
    reads_only = connection.get_execution_options().get(READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
