"""An entity that runs too often: stopped, told of once, let go on by a person, with nothing lost."""

from datetime import timedelta

import pytest

from contracts import names
from contracts.agents import Debounce
from contracts.steering import Resume
from contracts.workflows import EntityStatus
from tests.fakes import FakeFarm
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import SKIP
from workflows.sales.agent import SALES

AT_ONCE = Debounce(quiet=timedelta(seconds=1), longest=timedelta(seconds=1))
MOST = SALES.breaker.runs


@pytest.mark.parametrize("rotate_after", [1, 100])
async def test_an_agent_that_answers_itself_is_stopped(on_a_deal, rotate_after):
    """Each run writes what sets off the next: after as many as are allowed it waits, in one history or in many."""
    farm = FakeFarm({"triage": [SKIP] * (MOST + 5)})
    async with on_a_deal(farm, debounce=AT_ONCE, rotate_after=rotate_after) as deal:
        for number in range(1, MOST + 1):
            await deal.tell(deal_event(number))
            await deal.sleep(seconds=2)
            await deal.ended_by_itself(number)
        await deal.tell(deal_event(MOST + 1), deal_event(MOST + 2))
        await deal.sleep(hours=3)
        assert len(farm.model_calls) == MOST
        (alarm,) = farm.alarms
        assert f"it ran {MOST} times within 1:00:00" in alarm.text
        assert "./farm release sales:deal:42" in alarm.text
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
        assert (status.pending, status.stopped) == (2, True)

        await deal.workflow.signal(names.RESUME, Resume(by="claire"))
        await deal.ended_by_itself(MOST + 1)
        assert [event["id"] for event in farm.runs[-1].events] == [f"event-{MOST + 1}", f"event-{MOST + 2}"]


async def test_as_many_runs_in_a_longer_time_are_work(on_a_deal):
    """A deal that has much to do goes on."""
    farm = FakeFarm({"triage": [SKIP] * (MOST + 5)})
    async with on_a_deal(farm, debounce=AT_ONCE) as deal:
        for number in range(1, MOST + 3):
            await deal.tell(deal_event(number))
            await deal.sleep(minutes=4)
            await deal.ended_by_itself(number)
    assert farm.alarms == []
