"""The book as the proxy has it open: one for the whole process, written in a thread of its own, off its loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.accounts.book import Book, Entries

T = TypeVar("T")


class Desk:
    """Open it before the proxy serves."""

    def __init__(self, url: str) -> None:
        """Raises BadBookUrl."""
        self.book = Book(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gateway-book")

    async def write(self, work: Callable[[Entries], T]) -> T:
        """`work` as one transaction. Whoever stops waiting doesn't stop it. Raises BookAway."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._written, work)

    async def read(self, work: Callable[[Entries], T]) -> T:
        """The same for what only reads. A book that lies open is read on the spot: a thread and back takes longer."""
        if self.book.lies_open:
            return self._read(work)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, work)

    def close(self) -> None:
        """What is under way is finished first."""
        self._thread.shutdown()
        self.book.close()

    def _written(self, work: Callable[[Entries], T]) -> T:
        with self.book.entries() as entries:
            return work(entries)

    def _read(self, work: Callable[[Entries], T]) -> T:
        with self.book.reading() as entries:
            return work(entries)


class _Process:
    desk: Desk | None = None


def open_desk(url: str) -> Desk:
    """Open the process's own. Raises BadBookUrl."""
    _Process.desk = Desk(url)
    return _Process.desk


def desk() -> Desk | None:
    """The process's own; None where it keeps no book."""
    return _Process.desk
