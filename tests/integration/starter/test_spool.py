"""Temporal falls silent or goes away, with a real server behind a relay and a real store, SQLite and PostgreSQL."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL
from temporalio.client import Client
from temporalio.worker import Worker

from contracts.converter import data_converter
from contracts.events import Change, EntityRef, Event
from contracts.names import STATUS
from store.database import Database
from store.inbox import Inbox
from store.quarantine import Quarantine
from tests.integration.starter.house import TOY, burst, house
from tests.integration.starter.relay import Relay, relayed
from tests.integration.starter.toy import RememberingDeal, ToyDeal
from tests.postgres import as_text, create_database, running_postgres

pytestmark = pytest.mark.slow

REMEMBERING = TOY.model_copy(update={"entity_workflow": "RememberingDeal"})


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}"
    return as_text(create_database(request.getfixturevalue("postgres"), tmp_path.name))


@pytest.fixture
async def db(store_url: str) -> AsyncIterator[Database]:
    database = Database(store_url)
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def relay(temporal: Client) -> AsyncIterator[Relay]:
    async with relayed(temporal.service_client.config.target_host) as relay:
        yield relay


@pytest.fixture
async def far(relay: Relay) -> Client:
    """A client whose Temporal can be taken away."""
    return await Client.connect(relay.address, data_converter=data_converter)


@pytest.fixture(autouse=True)
async def worker(temporal: Client) -> AsyncIterator[Worker]:
    async with Worker(temporal, task_queue="agent-toy", workflows=[ToyDeal, RememberingDeal]) as worker:
        yield worker


@pytest.fixture
def deal() -> str:
    """Of its own for each test: Temporal is shared."""
    return str(uuid4().int % 10**12)


async def seen(temporal: Client, deal: str) -> list[str]:
    return await temporal.get_workflow_handle(f"toy:deal:{deal}").query(ToyDeal.seen)


async def test_a_silent_temporal_costs_two_seconds_and_no_event(
    temporal: Client, relay: Relay, far: Client, db: Database, deal: str
) -> None:
    """The first one is spooled within 2.5 s, the next at once; once it speaks again each is in its workflow, once."""
    async with house(far, db, [REMEMBERING]) as door, door.draining():
        relay.fall_silent()
        begun = time.monotonic()
        first, *others = burst(deal, 4)
        answer = await door.post(first)
        assert (answer.status_code, answer.json()["outcome"]) == (202, "spooled")
        assert time.monotonic() - begun < 2.5
        begun = time.monotonic()
        assert [(await door.post(each)).json()["outcome"] for each in others] == ["spooled"] * 3
        assert time.monotonic() - begun < 1
        assert (await door.http.get("/healthz")).json()["status"] == "spooling"
        await relay.come_back()
        begun = time.monotonic()
        await door.emptied()
        assert time.monotonic() - begun < 6
        assert (await door.post(first)).json()["outcome"] == "duplicate"
        assert (await door.post(burst(deal, 5)[4])).json()["outcome"] == "accepted"
        assert (await door.http.get("/healthz")).json()["status"] == "ok"
    status = await temporal.get_workflow_handle(f"toy:deal:{deal}").query(STATUS)
    assert status["pending"] == 5


async def test_an_event_goes_behind_those_of_its_deal(
    temporal: Client, relay: Relay, far: Client, db: Database, deal: str
) -> None:
    """Temporal is back before the spool is served: what is new for the deal queues, what is for another one doesn't."""
    async with house(far, db, [REMEMBERING]) as door:
        await relay.cut()
        first, second, third = burst(deal, 3)
        assert (await door.post(first)).json()["outcome"] == "spooled"
        await relay.come_back()
        async with house(far, db, [REMEMBERING]) as other:
            assert (await other.post(second)).json()["outcome"] == "spooled"
            assert (await other.post(burst(f"{deal}1", 1)[0])).json()["outcome"] == "accepted"
        async with door.draining():
            await door.emptied()
            assert (await door.post(third)).json()["outcome"] == "accepted"
    assert await seen(temporal, deal) == [f"{deal}-{n}" for n in range(3)]


async def test_two_starters_on_one_store_keep_the_order_and_deliver_once(
    temporal: Client, relay: Relay, far: Client, db: Database, deal: str
) -> None:
    """Events of five deals come to both by turns while Temporal is away; both serve the spool afterwards.

    The deals know an event's id: a signal that Temporal took when its starter had just stopped waiting comes twice.
    """
    deals = [f"{deal}{n}" for n in range(5)]
    theirs = Database(db._url.render_as_string(hide_password=False))
    async with house(far, db, [REMEMBERING]) as one, house(far, theirs, [REMEMBERING]) as other:
        await relay.cut()
        for doors in zip(*(burst(deal, 12) for deal in deals), strict=True):
            for n, payload in enumerate(doors):
                assert (await (one, other)[n % 2].post(payload)).json()["outcome"] == "spooled"
        await relay.come_back()
        async with one.draining(), other.draining():
            await one.emptied()
    await theirs.close()
    assert [await seen(temporal, deal) for deal in deals] == [[f"{deal}-{n}" for n in range(12)] for deal in deals]


async def test_what_temporal_refuses_for_good_lets_the_next_rows_go_on(
    temporal: Client, far: Client, db: Database, deal: str
) -> None:
    """An event of 3 MB, spooled by another version, goes into quarantine; the deal's next one arrives."""
    for id, size in (("large", 3_000_000), ("good", 1)):  # noqa: A001
        await Inbox(db).put(change(deal, id, size), {"toy": f"toy:deal:{deal}"}, datetime.now(UTC))
    async with house(far, db) as door, door.draining():
        await door.emptied()
    assert await seen(temporal, deal) == ["good"]
    (kept,) = await Quarantine(db).all("waiting")
    assert "for toy: Temporal refused" in kept.reason


async def test_a_row_of_an_agent_that_is_not_declared_here_waits_alone(
    temporal: Client, far: Client, db: Database, deal: str
) -> None:
    """A newer version may have written it: it is kept, and holds nobody else up."""
    await Inbox(db).put(change(deal, "new"), {"newcomer": f"newcomer:deal:{deal}"}, datetime.now(UTC))
    await Inbox(db).put(change(deal, "old"), {"toy": f"toy:deal:{deal}"}, datetime.now(UTC))
    async with house(far, db) as door, door.draining():
        await door.emptied(to=1)
    assert await seen(temporal, deal) == ["old"]
    assert (await Inbox(db).waiting()).rows == 1


async def test_with_both_away_the_answer_is_503(relay: Relay, far: Client, tmp_path: Path, deal: str) -> None:
    """Nothing is acknowledged that is nowhere safe."""
    (tmp_path / "no-file").mkdir()
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'no-file'}")
    async with house(far, db) as door:
        await relay.cut()
        answer = await door.post(burst(deal, 1)[0])
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await door.http.get("/readyz")).json()["status"] == "not ready"
        await relay.come_back()
        assert (await door.post(burst(deal, 1)[0])).json()["outcome"] == "accepted"
    await db.close()


def change(deal: str, id: str, size: int = 1) -> Event:  # noqa: A002
    return Event(
        id=id,
        source="pipedrive",
        kind="deal.change",
        entity=EntityRef(kind="deal", id=deal),
        occurred_at=datetime(2026, 11, 17, tzinfo=UTC),
        changes={"notes": Change(new="x" * size)},
    )
