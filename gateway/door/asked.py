"""A request to the gateway, read whole: who asks, for which logical call, of which role."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

LOGICAL_CALL = "idempotency-key"
"""The header that names a logical call: the same on every attempt of it."""

Handler = Callable[["Asked", Send], Awaitable[None]]
"""Answers a request that was read."""


@dataclass(frozen=True)
class Asked:
    scope: Scope
    body: bytes

    @property
    def credential(self) -> str:
        """The caller's key, as it was given; one per agent, so it tells agents apart."""
        headers = Headers(scope=self.scope)
        return headers.get("authorization", "").removeprefix("Bearer ").strip() or headers.get("x-api-key", "")

    @property
    def logical_call(self) -> str:
        """Empty where the caller didn't name it."""
        return Headers(scope=self.scope).get(LOGICAL_CALL, "")

    @property
    def role(self) -> str:
        """Whose model is asked for; empty where the body names none."""
        try:
            model = json.loads(self.body)["model"]
        except (ValueError, KeyError, TypeError):
            return ""
        return model if isinstance(model, str) else ""

    def again(self) -> Receive:
        """The body, for whoever reads it next. That the caller went away it never says: the call is paid for."""
        told = False

        async def receive() -> Message:
            nonlocal told
            if told:
                await asyncio.Event().wait()
            told = True
            return {"type": "http.request", "body": self.body, "more_body": False}

        return receive


async def read(scope: Scope, receive: Receive) -> Asked | None:
    """The request with its body; None where the caller went before all of it had come."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return Asked(scope, b"".join(parts))
