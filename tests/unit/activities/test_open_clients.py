"""Connections that are kept, over real HTTP: what they survive, and that nobody suffers from another's trouble."""

import asyncio

import pytest

from activities.mcp import NotSent, Outcome, ToolServers
from contracts.calls import CallSite, ToolCall
from tests.station import Station


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.fixture
async def call(station):
    servers = ToolServers({"x": station.url}, timeout_s=10)

    async def call(tool: str = "count", **arguments) -> Outcome:
        site = CallSite(run="a:e:1/run-1", step="s")
        return await servers.call(ToolCall(site=site, server="x", tool=tool, arguments=arguments))

    yield call
    await servers.close()


async def test_a_connection_is_opened_once(station, call):
    """The second call and all after it are one request each."""
    async with station.running():
        await call()
        posts = station.posts
        for _ in range(3):
            await call()
        assert station.posts == posts + 3
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
        hanging = asyncio.create_task(call("add_note", deal_id=42, content="x"))
        await asyncio.wait_for(station.note.under_way.wait(), 10)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        await asyncio.wait_for(station.note.stopped.wait(), 10)
        assert (await call()).data == {"calls": 1}
