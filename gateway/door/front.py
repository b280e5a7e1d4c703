"""What a request meets before LiteLLM: calls are paid once, and go through their role's gate.

A request that names no logical call passes by the first, and whoever isn't let in passes by both: LiteLLM refuses it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.door.asked import Asked, read
from gateway.door.gates import Gates
from gateway.door.kept import Kept
from gateway.door.once import Once
from gateway.door.settings import OTHERS
from gateway.door.under_way import UnderWay, heard

VENDORS = "/farm/vendors"
UNDER_WAY = "/farm/calls"
CALLS = ("/messages", "/chat/completions", "/responses", "/batches")
"""How the paths end by which something is asked of a vendor that costs."""

LetsIn = Callable[[Request, str], Awaitable[bool]]


class Front:
    """Around the proxy's application."""

    def __init__(self, app: ASGIApp, kept: Kept, lets_in: LetsIn, at_once: dict[str, int], drain_s: float) -> None:
        """`at_once`: role -> calls under way at a time; `*` for those that aren't named."""
        self._app = app
        self._lets_in = lets_in
        self._drain_s = drain_s
        self._gates = Gates(self._call, at_once[OTHERS], at_once)
        self._once = Once(self._pay, kept)
        self._under_way = UnderWay()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, self._settling(receive), send)
        elif scope["type"] == "http" and scope["path"] == VENDORS:
            await JSONResponse(self._vendors())(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == UNDER_WAY:
            # whose key nobody has, has no calls under way
            await JSONResponse(self._under_way.of(Asked(scope, b"").credential))(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith(CALLS):
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await read(scope, receive)
        if asked is None:
            return
        if not await self._lets_in(Request(scope), asked.credential):
            await self._call(asked, send)
        elif asked.logical_call:
            await self._once.answer(asked, send)
        else:
            await self._pay(asked, send)

    async def _pay(self, asked: Asked, send: Send) -> None:
        with self._under_way.call(asked):
            await self._gates.answer(asked, send)

    async def _call(self, asked: Asked, send: Send) -> None:
        if (its := heard()) is not None:
            its.sent()
        await self._app(asked.scope, asked.again(), send)

    def _vendors(self) -> dict[str, Any]:
        figures = self._gates.figures()
        for role, its in figures["roles"].items():
            its["silent_s"] = self._under_way.silent_s(role)
        return figures

    def _settling(self, receive: Receive) -> Receive:
        async def settle() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._once.settle(self._drain_s)
            return message

        return settle
