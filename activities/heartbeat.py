"""A sign of life while a long call is under way, so that a dead worker is noticed in seconds.

It is also the way by which a cancellation reaches the call: Temporal's answer to a sign of life carries it.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from temporalio import activity

log = logging.getLogger(__name__)

News = Callable[[], Awaitable[str]]
"""What is known of the call that is waited for, in words."""

BEATS = 5
"""Signs of life within the heartbeat timeout: some may be lost, and a cancellation waits for one at most."""


@asynccontextmanager
async def heartbeats(waits_for: str = "", news: News | None = None) -> AsyncIterator[None]:
    """Heartbeat `BEATS` times within the activity's heartbeat timeout, until the block is left.

    Each says what is waited for and since when, and the latest news of it: the Temporal UI shows it of a call that
    takes long. So a vendor who is slow is told from a worker who is dead, who says nothing any more.

    The first comes after a fifth of it: a call that is over by then costs none.
    """
    timeout = activity.info().heartbeat_timeout
    if not timeout:
        yield
        return
    beating = asyncio.create_task(_beat(timeout.total_seconds() / BEATS, waits_for, news))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat(every_s: float, waits_for: str, news: News | None) -> None:
    begun = time.monotonic()
    while True:
        await asyncio.sleep(every_s)
        heard = await _heard(news, within_s=every_s / 2) if news else ""
        said = (f"waits for {waits_for}, {time.monotonic() - begun:.0f} s by now{heard}",) if waits_for else ()
        activity.heartbeat(*said)


async def _heard(news: News, within_s: float) -> str:
    """However long the news takes, and whatever is wrong with it: the sign of life isn't held up."""
    try:
        told = await asyncio.wait_for(news(), within_s)
    except TimeoutError:
        told = "no news of it can be had now"
    except Exception:
        log.exception("no news")
        told = ""
    return f": {told}" if told else ""
