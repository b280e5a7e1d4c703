"""A sign of life while a long call is under way, so that a dead worker is noticed in seconds.

It is also the way by which a cancellation reaches the call: Temporal's answer to a sign of life carries it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

BEATS = 5
"""Signs of life within the heartbeat timeout: some may be lost, and a cancellation waits for one at most."""


@asynccontextmanager
async def heartbeats(waits_for: str = "") -> AsyncIterator[None]:
    """Heartbeat `BEATS` times within the activity's heartbeat timeout, until the block is left.

    Each says what is waited for and since when: the Temporal UI shows it of a call that takes long.

    The first comes after a fifth of it: a call that is over by then costs none.
    """
    timeout = activity.info().heartbeat_timeout
    if not timeout:
        yield
        return
    beating = asyncio.create_task(_beat(timeout.total_seconds() / BEATS, waits_for))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(every_s: float, waits_for: str) -> None:
    begun = time.monotonic()
    while True:
        await asyncio.sleep(every_s)
        said = (f"waits for {waits_for}, {time.monotonic() - begun:.0f} s by now",) if waits_for else ()
        activity.heartbeat(*said)
