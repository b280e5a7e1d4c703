"""Telling the door, before it is done, what a call is about to write: its webhook may be back before the call is."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from fastmcp import Context
from sqlalchemy.exc import SQLAlchemyError

from contracts.fingerprints import Fingerprint, OwnWrite
from contracts.names import META_HOP, META_RUN
from tool_servers.ledger import NothingDone, effect_key, meta

log = logging.getLogger(__name__)


class OwnWrites(Protocol):
    """What is expected, where the door looks (`store.own_writes.OwnWrites`)."""

    async def expect(self, write: OwnWrite) -> None: ...

    async def withdraw(self, key: str) -> None: ...


class Announcer:
    """Of one request. One without an effect's key isn't the farm's, and announces nothing."""

    def __init__(self, writes: OwnWrites, ctx: Context) -> None:
        self._writes = writes
        self._key = effect_key(ctx)
        self._run = meta(ctx, META_RUN)
        self._hop = _number(meta(ctx, META_HOP)) + 1

    @asynccontextmanager
    async def __call__(self, *prints: Fingerprint) -> AsyncIterator[None]:
        """Around the write itself. Where it is certain that nothing was written, nothing is expected either."""
        if not self._key or not prints:
            yield
            return
        await self._expect(OwnWrite(key=self._key, run=self._run, hop=self._hop, prints=prints))
        try:
            yield
        except NothingDone:
            await self._withdraw()
            raise

    async def _expect(self, write: OwnWrite) -> None:
        try:
            await self._writes.expect(write)
        except SQLAlchemyError as error:
            raise NothingDone(f"passing: the store is away ({type(error).__name__})") from error

    async def _withdraw(self) -> None:
        with suppress(SQLAlchemyError):
            await self._writes.withdraw(self._key)
            return
        log.warning("a fingerprint of what wasn't written stays until it expires")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004  no chain is that long
