"""A deal's inbox on a server: urgent news, windows over new histories, more than one run gets, a deal stopped."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from contracts import names
from contracts.agents import Debounce
from contracts.calls import DEAD_LETTER
from contracts.workflows import EntityStatus
from tests.fakes import FakeFarm, uses
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import ACT, MAIL, SKIP

SLOW = Debounce(quiet=timedelta(hours=1), longest=timedelta(hours=2))


def ids(record) -> list[str]:
    return [event["id"] for event in record.events]


def numbers(first: int, last: int) -> list[str]:
    return [f"event-{number}" for number in range(first, last + 1)]


async def test_a_cancellation_cuts_the_wait_short(on_a_deal):
    """A deal that is lost is looked at at once, with all that waits; any other change waits for quiet."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(deal_event(1, status="won"), deal_event(2))
        await deal.sleep(minutes=10)
        assert (await deal.workflow.query(names.STATUS, result_type=EntityStatus)).pending == 2
        await deal.tell(deal_event(3, status="lost"))
        await deal.ended_by_itself(1)
        assert ids(farm.runs[-1]) == numbers(1, 3)


async def test_the_longest_wait_holds_over_a_new_history(on_a_deal, temporal):
    """A window that was half over when its history was continued as new isn't begun anew."""
    farm = FakeFarm({"triage": [SKIP]})
    now = await temporal.get_current_time()
    waits = {"first_at": now - timedelta(minutes=110), "last_at": now - timedelta(minutes=10)}
    async with on_a_deal(farm, debounce=SLOW, pending=(deal_event(1),), **waits) as deal:
        await deal.sleep(minutes=9)
        assert farm.runs == []
        await deal.sleep(minutes=2)
        await deal.ended_by_itself(1)


@pytest.mark.parametrize("rotate_after", [1, 100])
async def test_what_one_run_does_not_get_is_for_the_next_at_once(on_a_deal, rotate_after):
    """Five events and two a run: three runs, one after the other, in order, and no further wait; in one history, or
    with a new one after each run.
    """
    farm = FakeFarm({"triage": [SKIP] * 3})
    state = {
        "debounce": SLOW.model_copy(update={"most": 2}),
        "pending": tuple(deal_event(number) for number in range(1, 6)),
        "pressing": True,
        "rotate_after": rotate_after,
    }
    async with on_a_deal(farm, **state) as deal:
        await deal.ended_by_itself(3)
        done = [ids(record) for record in farm.runs if record.status == "skipped"]
        assert done == [numbers(1, 2), numbers(3, 4), numbers(5, 5)]


@pytest.mark.parametrize("rotate_after", [1, 100])
async def test_a_redelivery_days_later_counts_once(on_a_deal, rotate_after):
    """A source that sends again after six days, when the event's run is long over and its history too, begins none."""
    farm = FakeFarm({"triage": [SKIP] * 3})
    async with on_a_deal(farm, rotate_after=rotate_after) as deal:
        for number in (1, 2):
            await deal.tell(deal_event(number))
            await deal.sleep(days=3)
            await deal.ended_by_itself(number)
        await deal.tell(deal_event(1))
        await deal.sleep(hours=1)
        await deal.tell(deal_event(3))
        await deal.sleep(hours=1)
        await deal.ended_by_itself(3)
        assert [ids(record) for record in farm.runs if record.status == "skipped"] == [[n] for n in numbers(1, 3)]


async def test_a_deal_that_is_stopped_loses_no_event(on_a_deal):
    """What a run had in hand and what waited is set aside, each event once, for a person."""
    farm = FakeFarm({"triage": [ACT], "orchestrator": [uses(("crm__send_mail", MAIL))]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.asked()
        await deal.tell(deal_event(2), deal_event(3))
        await deal.workflow.cancel()
        with pytest.raises(WorkflowFailureError):
            await deal.workflow.result()
        dead = {record.run: ids(record) for record in farm.runs if record.phase == DEAD_LETTER}
        assert dead == {"sales:deal:42/run-1": ["event-1"], "sales:deal:42/run-2": ["event-2", "event-3"]}


async def test_a_deal_that_is_stopped_while_it_waits_loses_no_event(on_a_deal):
    """Without a run under way, and after one that was done: its events aren't set aside."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.ended_by_itself(1)
        await deal.tell(deal_event(2))

        async def waits() -> bool | None:
            return (await deal.workflow.query(names.STATUS, result_type=EntityStatus)).pending == 1 or None

        await until(waits, "the event did not come")
        await deal.workflow.cancel()
        with pytest.raises(WorkflowFailureError):
            await deal.workflow.result()
        assert [ids(record) for record in farm.runs if record.phase == DEAD_LETTER] == [["event-2"]]
