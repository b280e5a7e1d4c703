"""Short transactions in one piece: for what is asked hundreds of times a second.

An AsyncSession goes to its driver's thread and back for each statement, the beginning and the end. A look and an entry
for each event cost four milliseconds of a processor that way, and one in a thread that does all of it at once.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import URL, Connection

from store.engine import READS_ONLY, open_plain_engine

T = TypeVar("T")

THREADS = 2
"""One that reads and one that writes: more would only wait for the interpreter."""


class InThread:
    """Nothing is opened before the first use."""

    def __init__(self, url: URL) -> None:
        self._engine = open_plain_engine(url)
        self._reads = self._engine.execution_options(**{READS_ONLY: True})
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")

    async def do(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        """`work` as one transaction. Whoever stops waiting doesn't stop it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._whole, work, writes)

    def _whole(self, work: Callable[[Connection], T], writes: bool) -> T:
        with (self._engine if writes else self._reads).begin() as connection:
            return work(connection)

    def close(self) -> None:
        """What is under way is finished first."""
        self._threads.shutdown(wait=False)
        self._engine.dispose()
