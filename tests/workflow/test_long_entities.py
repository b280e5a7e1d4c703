"""A deal with a long history, or with many or large events: on a real server, which refuses what is too much."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names
from contracts.agents import Debounce
from contracts.events import EntityRef
from contracts.workflows import EntityState, EntityStatus
from tests.fakes import FakeFarm, uses
from tests.workflow.conftest import Deal, started, until
from tests.workflow.events import deal_event
from tests.workflow.teamwork import EVENTS_A_HISTORY, server
from tests.workflow.test_sales_run import ACT, MAIL, NOTHING_LEARNT, REPORT, SKIP
from workers.workflow_code import agent_workflows, sandbox

SLOW = Debounce(quiet=timedelta(hours=1), longest=timedelta(hours=2))
LARGE = 600_000


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


@pytest.fixture
def on_a_deal(temporal: WorkflowEnvironment) -> Callable[..., Any]:
    @asynccontextmanager
    async def opened(farm: FakeFarm, **state: Any) -> AsyncIterator[Deal]:
        queue = f"test-{uuid.uuid4()}"
        worker = Worker(
            temporal.client,
            task_queue=queue,
            workflows=list(agent_workflows("sales")),
            activities=farm.activities,
            workflow_runner=sandbox(strict=True),
        )
        async with worker:
            entity = EntityRef(kind="deal", id=str(uuid.uuid4().int)[:12])
            deal = await started(temporal, EntityState(agent="sales", entity=entity, **state), queue)
            try:
                yield deal
            finally:
                await deal.workflow.terminate()

    return opened


async def history_number(deal: Deal) -> str:
    """The run id of the history that the deal is in now."""
    return str((await deal.workflow.describe()).run_id)


def ids(farm: FakeFarm) -> list[list[str]]:
    """The events of each run that was done, in order."""
    return [[event["id"] for event in record.events] for record in farm.runs if record.status == "skipped"]


async def test_redeliveries_alone_do_not_fill_a_history(on_a_deal):
    """A deal goes on as new in the middle of a wait, and its window goes over as it is: nothing lost, nothing twice."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm, debounce=SLOW) as deal:
        first = await history_number(deal)
        for _ in range(EVENTS_A_HISTORY):
            await deal.tell(deal_event(1))

        async def went_over() -> bool | None:
            return await history_number(deal) != first or None

        deal.workflow = deal.client.get_workflow_handle(deal.workflow.id)
        await until(went_over, "the deal stayed in its history")
        assert farm.runs == []
        await deal.tell(deal_event(1), deal_event(2, status="lost"))
        await deal.ended_by_itself(1)
        assert ids(farm) == [["event-1", "event-2"]]


@pytest.mark.slow
async def test_more_than_a_history_can_be_given_is_worked_off_first(on_a_deal):
    """Six events of 0.6 MB: none is lost, each is handed out once, and no history is begun with more than the server
    takes, though one is wanted after each run.
    """
    farm = FakeFarm({"triage": [SKIP] * 6})
    async with on_a_deal(farm, debounce=SLOW, rotate_after=1) as deal:
        first = await history_number(deal)
        deal.workflow = deal.client.get_workflow_handle(deal.workflow.id)
        await asyncio.gather(*(deal.tell(deal_event(n, text="x" * LARGE)) for n in range(1, 6)))
        await deal.tell(deal_event(6, status="lost", text="x" * LARGE))
        await deal.ended_by_itself(6)
        assert sorted(ids(farm)) == [[f"event-{n}"] for n in range(1, 7)]
        assert await history_number(deal) != first


async def test_news_reaches_a_run_in_its_later_history(on_a_deal):
    """A run that went on in a new history still hears what interrupts it, and the deal lets go of what it heard."""
    note = uses(("crm__add_note", {"deal_id": 42, "content": "x"}))
    farm = FakeFarm(
        {
            "triage": [ACT],
            "orchestrator": [*[note] * 12, uses(("crm__send_mail", MAIL)), REPORT],
            "insight": [NOTHING_LEARNT],
        }
    )
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(deal_event(1, kind="deal.delete"))
        question = await deal.asked()
        run = await deal.first_run.describe()
        assert run.raw_description.workflow_execution_info.first_run_id != run.run_id
        await deal.tell(deal_event(2, last_incoming_mail_time="now"))
        await deal.ended_by_itself(1)
        assert farm.approvals[question.id].status == "superseded"
        assert [event["id"] for event in farm.runs[-1].events] == ["event-1", "event-2"]
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
        assert (status.pending, status.running) == (0, "")
