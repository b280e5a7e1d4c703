"""A dead letter, handed over again to a deal's workflow on a server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts import names
from contracts.workflows import EntityStatus
from ops.intake import WhoWeAre, doors
from ops.redriving import ended, hand_over, redriven
from store.database import Database
from store.dead_letters import DeadLetter, DeadLetters
from store.runs import Runs
from tests.fakes import FakeFarm, permanent
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import SKIP

RUN = "sales:deal:42/run-1"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await db.migrate()
    yield db
    await db.close()


async def dead_letter(farm: FakeFarm, db: Database) -> DeadLetter:
    """The one that waits, once the runs are on record."""
    for record in farm.runs:
        await Runs(db).record(record)
    (letter,) = await DeadLetters(db).waiting()
    return letter


async def test_a_dead_letter_redriven_twice_makes_one_run(on_a_deal, db):
    """With its events in order, under ids that tell where they come from; the second time nothing comes of it."""
    farm = FakeFarm({"triage": [permanent("down")] * 3 + [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1), deal_event(2))
        await deal.sleep(minutes=20)
        letters = DeadLetters(db)
        letter = await dead_letter(farm, db)
        async with doors(deal.client, db, WhoWeAre()) as door:
            await hand_over(letters, letter, "claire", door)
        await deal.sleep(minutes=2)
        await deal.ended_by_itself(2)
        async with doors(deal.client, db, WhoWeAre()) as door:
            await hand_over(letters, letter, "tom", door)  # as after a crash before it was entered
        await deal.sleep(minutes=2)
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
        assert (status.runs, status.pending, status.running) == (2, 0, "")
        assert [event["id"] for event in farm.runs[-1].events] == ["redrive-1:event-1", "redrive-1:event-2"]
        assert (await ended(letters, RUN, "redriven")).by == "claire"
        assert await letters.waiting() == []


async def test_a_redrive_that_fails_can_be_redriven(on_a_deal, db):
    """Its events get ids of that run, one prefix and not two."""
    farm = FakeFarm({"triage": [permanent("down")] * 6})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(minutes=20)
        first = await dead_letter(farm, db)
        async with doors(deal.client, db, WhoWeAre()) as door:
            await hand_over(DeadLetters(db), first, "claire", door)
        await deal.sleep(minutes=20)
        second = await dead_letter(farm, db)
        assert second.run == "sales:deal:42/run-2"
        assert [event.id for event in redriven(second)] == ["redrive-2:event-1"]
