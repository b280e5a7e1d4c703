"""Connections that are kept, over real HTTP: what they survive, and that nobody suffers from another's trouble."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastmcp import FastMCP

from activities.mcp import NotSent, Outcome, ToolServers
from contracts.calls import CallSite, ToolCall


@dataclass
class Station:
    """A tool server that starts and stops on one port, and what reached it."""

    port: int
    stateless: bool = True
    calls: int = 0
    opened: int = 0
    closed_early: list[str] = field(default_factory=list)
    under_way: asyncio.Event = field(default_factory=asyncio.Event)

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
        async def hang() -> dict[str, int]:
            self.under_way.set()
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                self.closed_early.append("hang")
                raise
            return {}

        return server

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = self.server().http_app(path="/mcp", stateless_http=self.stateless)

        async def counted(scope, receive, send):
            self.opened += scope["type"] == "http" and scope["method"] == "POST"
            await app(scope, receive, send)

        config = uvicorn.Config(
            counted, host="127.0.0.1", port=self.port, log_config=None, timeout_graceful_shutdown=1, lifespan="on"
        )
        uvicorn_server = uvicorn.Server(config)
        serving = asyncio.create_task(uvicorn_server.serve())
        while not uvicorn_server.started:
            assert not serving.done(), "the server died at its start"
            await asyncio.sleep(0.01)
        yield
        uvicorn_server.should_exit = True
        await serving


@pytest.fixture
def station() -> Station:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Station(port=probe.getsockname()[1])


@pytest.fixture
async def call(station):
    servers = ToolServers({"x": station.url}, timeout_s=10)

    async def call(tool: str = "count") -> Outcome:
        site = CallSite(agent="a", entity="e:1", run="r", step="s")
        return await servers.call(ToolCall(site=site, server="x", tool=tool, arguments={}))

    yield call
    await servers.close()


async def test_a_connection_is_opened_once(station, call):
    """The second call and all after it are one request each."""
    async with station.running():
        await call()
        opened = station.opened
        for _ in range(3):
            await call()
        assert station.opened == opened + 3
        assert station.calls == 4


async def test_calls_at_once_have_a_connection_each(station, call):
    """None waits for another."""
    async with station.running():
        said = await asyncio.gather(*(call() for _ in range(5)))
        assert sorted(each.data["calls"] for each in said) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("stateless", [True, False])
async def test_a_restart_of_the_server_costs_nobody_a_doubt(station, call, stateless):
    """Whether it keeps sessions or not: away, a call is known not to have gone out; back, it is simply made."""
    station.stateless = stateless
    async with station.running():
        await call()
    with pytest.raises(NotSent):
        await call()
    async with station.running():
        await call()
    async with station.running():
        try:
            await call()
        except NotSent:
            await call()
    assert station.calls == 3


async def test_a_cancelled_call_is_closed_at_the_server(station, call):
    """The work there ends, and the calls beside it and after it don't suffer."""
    async with station.running():
        hanging = asyncio.create_task(call("hang"))
        await asyncio.wait_for(station.under_way.wait(), 10)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        for _ in range(100):
            if station.closed_early:
                break
            await asyncio.sleep(0.02)
        assert station.closed_early == ["hang"]
        assert (await call()).data == {"calls": 1}
