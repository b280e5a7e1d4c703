"""A server that takes few signals in one history (`history.maximumSignalsPerExecution`), and a deal that hears more."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts.converter import data_converter
from contracts.search_attributes import ALL
from starter.intake.delivery import Delivery, NotDeliveredError
from starter.sources.pipedrive import normalise
from store.database import Database
from tests.integration.starter.house import TOY, burst, house
from tests.integration.starter.toy import RememberingDeal

pytestmark = pytest.mark.slow

MOST = 600
REMEMBERING = TOY.model_copy(update={"entity_workflow": "RememberingDeal"})
DEAL = "toy:deal:7"


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Client]:
    async with await WorkflowEnvironment.start_local(
        data_converter=data_converter,
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_extra_args=["--dynamic-config-value", f"history.maximumSignalsPerExecution={MOST}"],
        search_attributes=list(ALL),
    ) as environment:
        yield environment.client


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await database.migrate()
    yield database
    await database.close()


async def test_a_deal_that_hears_more_than_a_history_takes_goes_on_as_new(strict: Client, db: Database) -> None:
    """What the server refuses meanwhile is spooled; in the end every event is there, in order, and nothing waits."""
    payloads = burst("7", MOST + 50)
    async with house(strict, db, [REMEMBERING]) as door:
        outcomes = [(await door.post(each)).json()["outcome"] for each in payloads]
        assert outcomes == ["accepted"] * MOST + ["spooled"] * 50  # nobody is at work on the deal yet
        async with Worker(strict, task_queue="agent-toy", workflows=[RememberingDeal]), door.draining():
            await door.emptied()
            assert (await door.post(burst("7", MOST + 51)[-1])).json()["outcome"] == "accepted"
            seen = await strict.get_workflow_handle(DEAL).query(RememberingDeal.seen)
    assert seen == [f"7-{n}" for n in range(MOST + 51)]


async def test_the_server_says_so_in_these_words(strict: Client) -> None:
    """By them an event that can come later is told from one that is refused for good."""
    delivery = Delivery(strict)
    news = [normalise(each) for each in burst("8", MOST + 1)]
    for event in news[:MOST]:
        await delivery.deliver(REMEMBERING, event)
    with pytest.raises(NotDeliveredError, match="exceeded workflow execution limit for signal events"):
        await delivery.deliver(REMEMBERING, news[MOST])
    assert not delivery.away
