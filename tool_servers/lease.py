"""Holding an effect key while its work is done: signs of life to the ledger, and an end to the work without them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from fastmcp.exceptions import ToolError

log = logging.getLogger(__name__)


class Renewal(Protocol):
    """The sign of life: False where the key has gone to another."""

    async def __call__(self) -> bool: ...


@asynccontextmanager
async def held(renew: Renewal, lease_s: float, since: float) -> AsyncIterator[None]:
    """Keep a lease of `lease_s` seconds while the block works; `since` is the loop's time before it was asked for.

    The block is cancelled before another can take the key over, and that is raised as a passing ToolError.
    """
    try:
        async with asyncio.timeout_at(since + lease_s) as lease:
            renewing = asyncio.create_task(_keep(renew, lease_s, lease))
            try:
                yield
            finally:
                renewing.cancel()
    except TimeoutError as error:
        if not lease.expired():
            raise
        raise ToolError("passing: the effect's key was lost while it was being worked on, retry-after=2") from error


async def _keep(renew: Renewal, lease_s: float, lease: asyncio.Timeout) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(lease_s / 3)
        asked = loop.time()
        try:
            is_ours = await renew()
        except Exception as error:  # noqa: BLE001  whatever ails the store: the lease we have still runs
            log.warning("a lease could not be renewed: %s", type(error).__name__)
            continue
        if lease.expired():
            return
        lease.reschedule(asked + lease_s if is_ours else loop.time())
        if not is_ours:
            return
