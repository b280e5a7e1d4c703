"""Answers that come and are no good: broken off in the middle, no JSON, or a refusal in the place of words."""

import asyncio
import json
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.model import streaming

UNTIL_CUT_S = 0.05
"""Whoever reads has the first half then: closed at once, what had gone out isn't read by every client."""


class Spoilt(Exception):
    """An answer that was thought and that nobody can read. `how`: `cut` or `garbage`."""

    def __init__(self, how: str, message: dict[str, Any]) -> None:
        super().__init__(how)
        self.how = how
        self.message = message


def spoil(message: dict[str, Any], mode: str) -> dict[str, Any]:
    """The message as a fault leaves it; raises `Spoilt` where nothing is left."""
    if mode in {"cut", "garbage"}:
        raise Spoilt(mode, message)
    if mode == "refuse":
        return {**message, "content": [], "stop_reason": "refusal", "stop_sequence": None}
    return message


def spoilt_response(spoilt: Spoilt, *, stream: bool) -> Response:
    """What the caller gets of it."""
    told = "".join(map(streaming.encode, streaming.events(spoilt.message))) if stream else json.dumps(spoilt.message)
    media_type = "text/event-stream; charset=utf-8" if stream else "application/json"
    half = told[: len(told) // 2]
    return Cut(told, media_type=media_type) if spoilt.how == "cut" else Response(half, media_type=media_type)


class Cut(Response):
    """Half an answer, which comes; then the connection is closed, though more was promised."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})
        await asyncio.sleep(UNTIL_CUT_S)
