"""The gateway's own book: who has a key, what each agent may spend, and what was spent. SQLite or PostgreSQL.

A database of its own and not the farm's: the proxy is a large program of others' making, and has no business in
conversations and approvals. It runs in LiteLLM's environment and image, where SQLAlchemy isn't, so this is plain SQL
over the two drivers that are there. Amounts are whole picodollars, so that every sum is exact; moments are seconds
since the epoch.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg

from gateway.accounts.schema import LOCK, STATEMENTS

SQLITE, POSTGRES = "sqlite", "postgresql"
WAIT_S = 10
"""How long one waits for another's transaction, or for a connection."""

WANTED = "give sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>"
_NAMED = re.compile(r":([a-z_]+)")
_AWAY = (sqlite3.OperationalError, psycopg.OperationalError)


class BadBookUrl(ValueError):
    """FARM_GATEWAY_STORE_URL names no database that the book can be in."""


class BookAway(Exception):
    """The database can't be reached, or is busy for too long."""


class Entries:
    """A transaction on the book."""

    def __init__(self, connection: Any, *, postgres: bool) -> None:
        self._connection = connection
        self._postgres = postgres

    def run(self, sql: str, **values: object) -> list[Any]:
        """The rows of a statement with `:name` for each value; none for one that returns none."""
        text = _NAMED.sub(r"%(\1)s", sql) if self._postgres else sql
        cursor = self._connection.execute(text, values)
        return list(cursor.fetchall()) if cursor.description else []

    def one(self, sql: str, **values: object) -> Any:
        """The first column of the first row; None where there is no row."""
        rows = self.run(sql, **values)
        return rows[0][0] if rows else None

    def now(self) -> float:
        """The time by the one clock that all processes share: the database's, where they stand on several machines."""
        return float(self.one("SELECT extract(epoch FROM clock_timestamp())")) if self._postgres else time.time()


class Book:
    """Open it once in a process and close it at the end. Its transactions take turns, from whatever thread they are."""

    def __init__(self, url: str) -> None:
        """Raises BadBookUrl. Nothing is opened before the first transaction."""
        self._kind, self._place = _parsed(url)
        self._connection: Any = None
        self._turn = Lock()
        self._reader: Any = None
        self._reading_turn = Lock()

    def close(self) -> None:
        """Let go of the connections."""
        with self._turn:
            self._hang_up()
        with self._reading_turn:
            self._put_down()

    @property
    def lies_open(self) -> bool:
        """Whether a look into it takes no longer than a look at a file: it waits for nobody, and for no network."""
        return self._kind == SQLITE and self._reader is not None

    @contextmanager
    def entries(self) -> Iterator[Entries]:
        """A transaction, alone among all processes' and committed at the end of the block. Raises BookAway."""
        with self._turn:
            connection = self._connected()
            try:
                with self._transaction(connection) as entries:
                    yield entries
            except _AWAY as error:
                self._hang_up()
                raise BookAway(f"the gateway's book can't be written: {error}") from error

    @contextmanager
    def reading(self) -> Iterator[Entries]:
        """A transaction that only reads, and waits for no writer. Raises BookAway."""
        with self._reading_turn:
            connection = self._open_to_read()
            try:
                connection.execute("BEGIN")
                yield Entries(connection, postgres=self._kind == POSTGRES)
                connection.execute("COMMIT")
            except _AWAY as error:
                self._put_down()
                raise BookAway(f"the gateway's book can't be read: {error}") from error
            except BaseException:
                self._put_down()
                raise

    @contextmanager
    def _transaction(self, connection: Any) -> Iterator[Entries]:
        postgres = self._kind == POSTGRES
        connection.execute("BEGIN" if postgres else "BEGIN IMMEDIATE")
        try:
            if postgres:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            yield Entries(connection, postgres=postgres)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(*_AWAY):
                connection.execute("ROLLBACK")
            raise

    def _connected(self) -> Any:
        if self._connection is None:
            try:
                self._connection = self._connect()
                with self._transaction(self._connection) as entries:
                    for statement in STATEMENTS:
                        entries.run(statement)
            except _AWAY as error:
                self._hang_up()
                raise BookAway(f"the gateway's book can't be opened: {error}") from error
        return self._connection

    def _open_to_read(self) -> Any:
        """A connection of its own: who reads doesn't stand behind this process's own writer either."""
        if self._reader is None:
            with self._turn:
                self._connected()  # what is to be read is there
            try:
                self._reader = self._connect()
            except _AWAY as error:
                raise BookAway(f"the gateway's book can't be opened: {error}") from error
        return self._reader

    def _connect(self) -> Any:
        if self._kind == POSTGRES:
            return psycopg.connect(self._place, autocommit=True, connect_timeout=WAIT_S)
        Path(self._place).absolute().parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._place, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
        # WAL: readers don't wait for the writer. NORMAL: a killed process loses nothing, a power cut the last moments.
        connection.execute("PRAGMA synchronous=NORMAL")
        _write_ahead(connection)
        return connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(*_AWAY):
                self._connection.close()
            self._connection = None

    def _put_down(self) -> None:
        if self._reader is not None:
            with suppress(*_AWAY):
                self._reader.close()
            self._reader = None


def _parsed(url: str) -> tuple[str, str]:
    """Which database, and where: a file, or what libpq connects by. The URL may hold a password: it isn't repeated."""
    scheme, _, rest = url.partition("://")
    kind = scheme.partition("+")[0]
    if kind in ("postgres", POSTGRES) and rest:
        return POSTGRES, f"postgresql://{rest}"
    file = rest.removeprefix("/")
    if kind == SQLITE and rest.startswith("/") and file not in ("", ":memory:"):
        return SQLITE, file
    raise BadBookUrl(f"FARM_GATEWAY_STORE_URL names no database that the gateway can use; {WANTED}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL, which it then stays. Who meets another at the switch is refused without waiting."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
