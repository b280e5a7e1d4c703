"""The store's database: transactions, and the schema brought up to date."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from store.engine import READS_ONLY, open_engine, store_url
from store.in_thread import InThread
from store.migrations.upgrade import upgrade_to_head
from store.recent import Recent

T = TypeVar("T")

RECENT_CHARACTERS = 16_000_000


class Database:
    """One per process, shared by all that keep something in it. Close it at the end.

    `url` as in FARM_STORE_URL: `sqlite+aiosqlite:///<file>` or `postgresql+psycopg://...`; anything else is a
    BadStoreUrl. Nothing is opened before the first use.
    """

    def __init__(self, url: str) -> None:
        self._url = store_url(url)
        self._engine = open_engine(self._url)
        self._on_sqlite = self._url.get_backend_name() == "sqlite"
        # Connections of its own on SQLite: how a commit syncs can't be said within a transaction.
        self._durable = open_engine(self._url, durable=True) if self._on_sqlite else self._engine
        self._writes = async_sessionmaker(self._engine, expire_on_commit=False)
        self._durable_writes = async_sessionmaker(self._durable, expire_on_commit=False)
        self._reads = async_sessionmaker(self._engine.execution_options(**{READS_ONLY: True}), expire_on_commit=False)
        self._in_thread = InThread(self._url)
        self.recent_texts: Recent[str] = Recent(RECENT_CHARACTERS, size=len)
        """Blobs that this process read or wrote lately. A blob never changes, so one that is here needs no reading."""

        # SQLite has one writer. Within a process they queue here, in order, instead of polling the file's lock.
        self._turn = asyncio.Lock() if self._on_sqlite else nullcontext()

    @property
    def folder(self) -> Path | None:
        """Where the file is; None where the database is on another machine, for all we know."""
        return Path(str(self._url.database)).absolute().parent if self._on_sqlite else None

    @asynccontextmanager
    async def session(self, *, durable: bool = False) -> AsyncIterator[AsyncSession]:
        """A transaction that may write: committed at the end of the block, rolled back if the block raises.

        `durable`: once the block is left, not even a power cut takes it back.
        """
        async with self._turn, (self._durable_writes if durable else self._writes).begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads; it never waits for a writer."""
        async with self._reads.begin() as session:
            yield session

    async def at_once(self, work: Callable[[Connection], T], *, writes: bool = False) -> T:
        """A short transaction in one piece, `work`, in a thread: much cheaper than a session, and for Core alone.

        Whoever stops waiting doesn't stop it. Without `writes` it never waits for a writer.
        """
        async with self._turn if writes else nullcontext():
            return await self._in_thread.do(work, writes=writes)

    async def queue_for(self, transaction: AsyncSession | AsyncConnection, what: str) -> None:
        """Hold until the transaction's end what only one may do at a time, in whatever process."""
        if not self._on_sqlite:  # where a writing transaction is alone already
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")
            await transaction.execute(lock, {"what": f"farmstead {what}"})

    async def now(self, transaction: AsyncSession) -> datetime:
        """As `clock`, in a session."""
        return await (await transaction.connection()).run_sync(self.clock)

    def clock(self, transaction: Connection) -> datetime:
        """The time by the one clock that all processes share: the database's, where they stand on several machines."""
        if self._on_sqlite:
            return datetime.now(UTC)
        shared: datetime = transaction.execute(text("SELECT clock_timestamp()")).scalar_one()
        return shared

    async def migrate(self) -> None:
        """Bring the schema up to date. Processes that start at once wait for each other, and one does the work."""
        if self._on_sqlite:
            Path(str(self._url.database)).parent.mkdir(parents=True, exist_ok=True)
        async with self._engine.begin() as connection:
            await self.queue_for(connection, "migrations")
            await connection.run_sync(upgrade_to_head)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._durable.dispose()
        self._in_thread.close()
