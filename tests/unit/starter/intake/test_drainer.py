"""The drainer beside a real store; what it does with a real Temporal is in tests/integration/starter/test_spool.py."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from starter.intake.backlog import Backlog
from starter.intake.delivery import Delivery
from starter.intake.drainer import Drainer
from store.database import Database
from store.inbox import Inbox, Spooled
from tests.unit.starter.conftest import PATIENCE, TOY
from tests.unit.starter.fakes import FakeTemporal
from tests.unit.store.samples import event

BUSY = RPCError("the workflow is busy", RPCStatusCode.RESOURCE_EXHAUSTED, b"")


@asynccontextmanager
async def at_work(drainer: Drainer) -> AsyncIterator[None]:
    running = asyncio.create_task(drainer.run())
    yield
    await drainer.stop(running)
    assert running.exception() is None


async def until(done: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await done.wait()


async def test_what_is_too_old_is_swept(db: Database) -> None:
    """At the start already, each kind by its own age."""
    swept = asyncio.Event()
    asked: list[datetime] = []

    async def sweep(before: datetime) -> int:
        asked.append(before)
        swept.set()
        return 0

    delivery = Delivery(cast("Client", FakeTemporal()), PATIENCE)
    async with at_work(Drainer(Inbox(db), delivery, [TOY], [(sweep, timedelta(days=8))])):
        await until(swept)
    assert timedelta(days=8) <= datetime.now(UTC) - asked[0] < timedelta(days=8, minutes=1)


async def test_a_store_that_is_away_does_not_end_it(db: Database) -> None:
    """It looks again, and finds what was put meanwhile."""

    class Flaky(Inbox):
        failures = 0

        async def take(self) -> tuple[Spooled, ...]:
            if self.failures < 2:
                self.failures += 1
                raise OperationalError("select", {}, Exception("away"))
            return tuple(await super().take())

    temporal = FakeTemporal()
    inbox = Flaky(db)
    await inbox.put(event("a"), {"toy": "toy:deal:42"}, datetime.now(UTC))
    async with at_work(Drainer(inbox, Delivery(cast("Client", temporal), PATIENCE), [TOY])):
        async with asyncio.timeout(10):
            while (await inbox.waiting()).rows:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert (inbox.failures, len(temporal.started)) == (2, 1)


async def test_it_learns_what_others_have_spooled(db: Database) -> None:
    """For when the store can't be asked; and forgets what was delivered."""
    backlog = Backlog()
    await Inbox(db).put(event("a"), {"toy": "toy:deal:42"}, datetime.now(UTC))
    temporal = FakeTemporal(away=BUSY)
    async with at_work(Drainer(Inbox(db), Delivery(cast("Client", temporal), PATIENCE), [TOY], backlog=backlog)):
        async with asyncio.timeout(10):
            while not backlog.among(["toy:deal:42"]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            temporal.away = None
            while backlog.among(["toy:deal:42"]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_a_row_that_can_not_be_delivered_now_says_why(db: Database) -> None:
    """It stays, with its tries; Temporal isn't taken to be away for it."""
    temporal = FakeTemporal(away=BUSY)
    delivery = Delivery(cast("Client", temporal), PATIENCE)
    inbox = Inbox(db)
    await inbox.put(event("a"), {"toy": "toy:deal:42"}, datetime.now(UTC))
    tried = asyncio.Event()

    class Telling(Inbox):
        async def put_off(self, row: Spooled, error: str, pause: timedelta) -> None:
            assert ("busy" in error, pause) == (True, timedelta(seconds=1))
            await super().put_off(row, error, pause)
            tried.set()

    async with at_work(Drainer(Telling(db), delivery, [TOY])):
        await until(tried)
    assert ((await inbox.waiting()).rows, delivery.away) == (1, False)
