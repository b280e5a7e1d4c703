"""A sign of life while a long call is under way, so that a dead worker is noticed in seconds.

It is also the way by which a cancellation reaches the call: Temporal's answer to a sign of life carries it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

BEATS = 5
"""Signs of life within the heartbeat timeout: some may be lost, and a cancellation waits for one at most."""


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Heartbeat `BEATS` times within the activity's heartbeat timeout, until the block is left.

    The first comes after a fifth of it: a call that is over by then costs none.
    """
    timeout = activity.info().heartbeat_timeout
    if not timeout:
        yield
        return
    beating = asyncio.create_task(_beat(timeout.total_seconds() / BEATS))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        activity.heartbeat()
