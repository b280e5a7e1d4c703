"""Several servers, one store, one key."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fastmcp.exceptions import ToolError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from contracts.names import META_EFFECT_KEY
from store.database import Database
from store.tool_ledger import ToolLedger
from tool_servers.ledger import NothingDone, once

CTX = SimpleNamespace(request_context=SimpleNamespace(meta={META_EFFECT_KEY: "k1"}))
# Renewed every third of it: a busy machine may keep a test waiting for some of that, and not for all.
BRIEF = timedelta(seconds=1)
LONG = timedelta(seconds=30)


class Vendor:
    """Where the effects are done. `slow_s`: how long one takes."""

    def __init__(self, slow_s: float = 0.0) -> None:
        self.slow_s = slow_s
        self.done: list[str] = []

    async def act(self, key: str) -> dict[str, int]:
        await asyncio.sleep(self.slow_s)
        self.done.append(key)
        return {"id": len(self.done)}

    async def find(self, key: str) -> dict[str, int] | None:
        return {"id": self.done.index(key) + 1} if key in self.done else None


class Servers:
    """Starts servers, each with a connection of its own to the one store."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.open: list[Database] = []

    def __call__(self, lease: timedelta = BRIEF):
        """What calls the server's one tool under the key k1."""
        self.open.append(Database(self._url))
        ledger = ToolLedger(self.open[-1], lease)

        async def call(vendor: Vendor):
            return await once(ledger, "crm", CTX, vendor.act, vendor.find)

        return call


@pytest.fixture
async def server(db):
    servers = Servers(str(db._url))
    yield servers
    for database in servers.open:
        await database.close()


async def test_of_several_servers_one_acts(server):
    """A load balancer sends the repetition elsewhere while the first is at it: one act, whoever comes when."""
    vendor = Vendor(slow_s=0.1)
    answers = await asyncio.gather(*(server(LONG)(vendor) for _ in range(4)), return_exceptions=True)
    assert vendor.done == ["k1"]
    assert {str(answer) for answer in answers} <= {
        "{'id': 1}",
        "passing: this effect is being worked on, retry-after=2",
    }


async def test_a_caller_who_leaves_holds_nobody_up(server):
    """A stopped run's call is let go at once: the next one looks upstream instead of waiting for the lease."""
    vendor = Vendor(slow_s=60)
    leaving = asyncio.create_task(server(LONG)(vendor))
    await asyncio.sleep(0.2)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    vendor.slow_s = 0
    assert await server(LONG)(vendor) == {"id": 1}


async def test_the_second_server_answers_what_the_first_one_did(server):
    """Which replica is asked again makes no difference."""
    vendor = Vendor()
    assert await server()(vendor) == await server()(vendor) == {"id": 1}


async def test_long_work_keeps_its_lease(server):
    """Work of several leases' length is nobody else's to take over."""
    vendor = Vendor(slow_s=4 * BRIEF.total_seconds())
    first = asyncio.create_task(server()(vendor))
    await asyncio.sleep(2 * BRIEF.total_seconds())
    with pytest.raises(ToolError, match="being worked on"):
        await server()(vendor)
    assert await first == {"id": 1}
    assert vendor.done == ["k1"]


async def test_a_crashed_servers_key_is_looked_up_when_its_lease_is_over(server, db):
    """Until then nobody can know that it is dead; after it, what it did is found and not done again."""
    vendor = Vendor()
    await ToolLedger(db, BRIEF).begin("crm", "k1")
    await vendor.act("k1")
    with pytest.raises(ToolError, match=r"^passing: .*retry-after=2"):
        await server()(vendor)
    await asyncio.sleep(BRIEF.total_seconds())
    assert await server()(vendor) == {"id": 1}
    assert vendor.done == ["k1"]


async def test_work_stops_when_its_lease_is_lost(server, db):
    """A server that was frozen and comes back doesn't act beside the one that took over."""
    vendor = Vendor(slow_s=5)
    working = asyncio.create_task(server()(vendor))
    await asyncio.sleep(0.05)
    async with db.session() as session:
        await session.execute(text("UPDATE tool_ledger SET holder = 'another'"))
    with pytest.raises(ToolError, match="was lost"):
        await working
    assert vendor.done == []


async def test_a_failure_gives_the_lease_up_at_once(server):
    """A retry needn't wait for it: it looks, and then acts."""

    class Failing(Vendor):
        async def act(self, key):
            raise ToolError("passing: no answer")

    with pytest.raises(ToolError, match="no answer"):
        await server(timedelta(minutes=1))(Failing())
    assert await server()(Vendor()) == {"id": 1}


async def test_after_a_first_refusal_the_key_is_free(server, ledger):
    """Nothing happened, and nothing is to be looked for."""

    class Refusing(Vendor):
        async def act(self, key):
            raise NothingDone("bad arguments: no such deal")

    with pytest.raises(NothingDone):
        await server()(Refusing())
    assert (await ledger.begin("crm", "k1")).state == "new"


async def test_a_ledger_that_is_away_is_a_passing_error(server, db):
    """Whether it happened is not known; asking again later settles it."""

    class Away(Vendor):
        async def act(self, key):
            raise OperationalError("SELECT", {}, Exception("gone"))

    with pytest.raises(ToolError, match=r"^passing: the ledger of effects is away \(OperationalError\)$"):
        await server()(Away())
