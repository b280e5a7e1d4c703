"""Answers that come at the wrong pace: late, with a standstill in the middle, or with an error there.

As the vendor's documentation has streams: pings while nothing is ready, and errors as an event, for the status has gone
already. https://platform.claude.com/docs/en/build-with-claude/streaming#error-events
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import Response, StreamingResponse

from sandbox.model import streaming
from sandbox.model.errors import VendorError

MODES = ("slow-first-token", "stall", "break")
PING_S = 0.5
"""The vendor's come every few seconds."""


class Paced(Exception):
    """An answer that was thought, with how it is told. `count` is called when all of it was."""

    def __init__(
        self, mode: str, message: dict[str, Any], delay_s: float, status: int, count: Callable[[], None]
    ) -> None:
        super().__init__(mode)
        self.mode = mode
        self.message = message
        self.delay_s = delay_s
        self.error = VendorError(status)
        self.count = count


def paced_response(paced: Paced, *, stream: bool) -> Response:
    """What the caller gets of it. Whole, it comes late."""
    if stream:
        return StreamingResponse(_told(paced), media_type="text/event-stream; charset=utf-8")
    return StreamingResponse(_late(paced), media_type="application/json")


async def _late(paced: Paced) -> AsyncIterator[str]:
    await asyncio.sleep(paced.delay_s)
    paced.count()
    yield json.dumps(paced.message)


async def _told(paced: Paced) -> AsyncIterator[str]:
    events = list(streaming.events(paced.message))
    place = 1 if paced.mode == "slow-first-token" else len(events) // 2
    for event in events[:place]:
        yield streaming.encode(event)
    match paced.mode:
        case "break":
            yield streaming.encode(paced.error.envelope("req_sandbox"))
            return
        case "stall":
            await asyncio.sleep(paced.delay_s)
        case _:
            async for ping in _pings(paced.delay_s):
                yield ping
    for event in events[place:]:
        yield streaming.encode(event)
    paced.count()


async def _pings(seconds: float) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while (left := until - clock()) > 0:
        yield streaming.encode({"type": "ping"})
        await asyncio.sleep(min(PING_S, left))
