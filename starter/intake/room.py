"""Whether there is room to keep an event on disk: rows in the spool, bytes on its disk. 0 is no limit."""

import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from starter.refusals import Reason
from store.inbox import Waiting

FRESH = 1.0
"""Seconds for which a count of the spool's rows will do."""

MEGABYTE = 1_000_000


class NoRoomError(Exception):
    """The spool takes no more; the message says why."""

    def __init__(self, message: str, why: Reason) -> None:
        super().__init__(message)
        self.why: Reason = why


class Room:
    """`folder`: where the spool's file is; None where it is on another machine, whose disk we can't see."""

    def __init__(
        self, count: Callable[[], Awaitable[Waiting]], most_rows: int, folder: Path | None = None, free_mb: int = 0
    ) -> None:
        self._count = count
        self._most_rows = most_rows
        self._folder = folder
        self._free_mb = free_mb
        self._rows = 0
        self._counted_at = -FRESH

    async def claim(self) -> None:
        """Room for one event. Raises NoRoomError."""
        self.check_disk()
        if not self._most_rows:
            return
        if time.monotonic() - self._counted_at >= FRESH:
            self._rows = (await self._count()).rows
            self._counted_at = time.monotonic()
        if self._rows >= self._most_rows:
            raise NoRoomError(f"{self._rows} events wait for Temporal already", "inbox_full")
        self._rows += 1

    def check_disk(self) -> None:
        """Raises NoRoomError where the disk is nearly full."""
        if self._folder is None or not self._free_mb:
            return
        free = shutil.disk_usage(self._folder).free // MEGABYTE
        if free < self._free_mb:
            raise NoRoomError(f"{free} MB are free on the spool's disk, and {self._free_mb} are wanted", "disk_full")

    def full(self, rows: int) -> bool:
        """Whether nothing more would be taken, with so many rows in the spool."""
        try:
            self.check_disk()
        except NoRoomError:
            return True
        return bool(self._most_rows) and rows >= self._most_rows
