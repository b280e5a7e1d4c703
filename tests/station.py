"""Servers on a real socket in the test's own loop, which start, stop and come back on one port."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def on_port(app: Any, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=1, lifespan="on"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the server died at its start"
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@dataclass
class Hanging:
    """What never ends by itself: `under_way` once it is begun, `stopped` once its caller has left."""

    under_way: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        self.under_way.set()
        try:
            await asyncio.sleep(60)
        finally:
            self.stopped.set()


@dataclass
class Station:
    """A tool server: `count` answers, `add_note` hangs. `posts`: the requests that reached it."""

    port: int = field(default_factory=free_port)
    stateless: bool = True
    calls: int = 0
    posts: int = 0
    note: Hanging = field(default_factory=Hanging)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def server(self) -> FastMCP:
        server: FastMCP = FastMCP("station")

        @server.tool
        async def count() -> dict[str, int]:
            self.calls += 1
            return {"calls": self.calls}

        @server.tool
        async def add_note(deal_id: int, content: str) -> dict[str, int]:
            await self.note.work()
            return {}

        return server

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = self.server().http_app(path="/mcp", stateless_http=self.stateless)

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            self.posts += scope["type"] == "http" and scope["method"] == "POST"
            await app(scope, receive, send)

        async with on_port(counted, self.port):
            yield


@dataclass
class SlowGateway:
    """A gateway whose model never comes to an end."""

    port: int = field(default_factory=free_port)
    thought: Hanging = field(default_factory=Hanging)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async def think(request: Request) -> Response:
            self.thought.under_way.set()
            while not await request.is_disconnected():  # noqa: ASYNC110  ASGI has no event for it
                await asyncio.sleep(0.02)
            self.thought.stopped.set()
            return Response()

        async with on_port(Starlette(routes=[Route("/v1/messages", think, methods=["POST"])]), self.port):
            yield
