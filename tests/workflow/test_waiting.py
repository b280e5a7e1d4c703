"""A deal that waits for days and weeks: for a date, for what comes before it, in chains; moved and called off."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import WorkflowExecutionStatus

from contracts import names
from contracts.agents import Debounce
from contracts.search_attributes import WAITING_FOR
from contracts.workflows import EntityStatus, FollowUp, Replan, RunOutcome
from tests.fakes import FakeFarm, uses
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import ACT, MAIL, NOTHING_LEARNT, REPORT, SKIP

PARIS = ZoneInfo("Europe/Paris")
SLOW = Debounce(quiet=timedelta(hours=1), longest=timedelta(hours=2))
CHAIN = {"in_days": 3, "again_after_days": [7, 14], "reason": "no answer yet"}


def wish(**arguments):
    return uses((names.SET_FOLLOW_UP, {"reason": "no answer yet", **arguments}))


def farm_that(*orchestrator, triage=(ACT, SKIP, SKIP, SKIP)) -> FakeFarm:
    return FakeFarm({"triage": list(triage), "orchestrator": list(orchestrator), "insight": [NOTHING_LEARNT]})


def replied(number: int):
    return deal_event(number, last_incoming_mail_time="now")


def told(farm) -> list[tuple[str, str]]:
    """Kind and summary of the last run's events."""
    return [(event["kind"], event["summary"]) for event in farm.runs[-1].events]


async def planned(deal) -> FollowUp | None:
    return (await status(deal)).follow_up


async def status(deal) -> EntityStatus:
    return await deal.workflow.query(names.STATUS, result_type=EntityStatus)


async def begun(deal) -> RunOutcome:
    """The first run, to its end."""
    await deal.tell(deal_event(1))
    await deal.sleep(seconds=30)
    outcome = RunOutcome.model_validate(await deal.first_run.result())

    async def adopted() -> bool | None:
        return (await planned(deal)) == outcome.follow_up or None

    await until(adopted, "the plan was not adopted")
    return outcome


async def shown(deal) -> str:
    return (await deal.workflow.describe()).typed_search_attributes[WAITING_FOR]


def clock_change_after(day: date) -> date:
    """The next last Sunday of March or October: in Europe the clocks change that night."""
    while True:
        day += timedelta(days=1)
        if day.month in (3, 10) and day.weekday() == 6 and (day + timedelta(days=7)).month != day.month:
            return day


@pytest.mark.parametrize("changes", [1, 2], ids=["one", "two"])
async def test_a_wait_of_months_ends_at_nine_there(on_a_deal, temporal, changes):
    """Across one clock change and across two, forward and back."""
    change = clock_change_after((await temporal.get_current_time()).date())
    for _ in range(changes - 1):
        change = clock_change_after(change)
    farm = farm_that(wish(date=(change + timedelta(days=2)).isoformat(), time="09:00"), REPORT)
    async with on_a_deal(farm) as deal:
        plan = (await begun(deal)).follow_up
        there = plan.at.astimezone(PARIS)
        assert (there.date(), there.hour, there.weekday()) == (change + timedelta(days=2), 9, 1)
        await deal.sleep_until(plan.at - timedelta(minutes=2))
        assert (await status(deal)).runs == 1
        await deal.sleep(minutes=3)
        await deal.ended_by_itself(2)
        assert told(farm) == [("follow_up.due", "A planned follow-up is due: no answer yet")]
        assert await planned(deal) is None


@pytest.mark.parametrize(
    ("comes", "means"),
    [(replied(2), "the client wrote"), (deal_event(2, stage_id=4), "the deal moved to another stage")],
    ids=["reply", "stage"],
)
async def test_whichever_comes_first_ends_the_wait(on_a_deal, comes, means):
    """The run that starts is told which it was, and the date starts no run any more."""
    farm = farm_that(wish(in_days=30, until=["reply", "stage"]), REPORT)
    async with on_a_deal(farm) as deal:
        plan = (await begun(deal)).follow_up
        await deal.sleep(days=8)
        await deal.tell(comes)
        await deal.sleep(seconds=30)
        await deal.ended_by_itself(2)
        (first, second) = told(farm)
        assert first == ("deal.change", "news 2")
        assert second[0] == "follow_up.off"
        assert f"is off: {means}, which was waited for" in second[1]
        await deal.sleep_until(plan.at + timedelta(days=1))
        assert (await status(deal)).runs == 2


async def test_the_date_may_be_the_first_to_come(on_a_deal):
    """Other news leaves the wait as it is, and the run that the date starts is told what never came."""
    farm = farm_that(wish(in_days=30, until=["reply"]), REPORT)
    async with on_a_deal(farm) as deal:
        plan = (await begun(deal)).follow_up
        await deal.sleep(days=8)
        await deal.tell(deal_event(2, stage_id=4))
        await deal.sleep(seconds=30)
        await deal.ended_by_itself(2)
        assert told(farm) == [("deal.change", "news 2")]
        await deal.sleep_until(plan.at + timedelta(minutes=1))
        await deal.ended_by_itself(3)
        ((kind, summary),) = told(farm)
        assert kind == "follow_up.due"
        assert "Not come since" in summary
        assert summary.endswith(": the client wrote")


async def test_a_chain_reminds_and_ends(on_a_deal):
    """Three looks over more than three weeks, each told which it is, then none."""
    farm = farm_that(wish(**CHAIN), REPORT)
    async with on_a_deal(farm) as deal:
        first = (await begun(deal)).follow_up
        for number, at in enumerate((first.at, *first.then), start=1):
            await deal.sleep_until(at + timedelta(minutes=1))
            await deal.ended_by_itself(number + 1)
            assert f"is due, {number} of 3: no answer yet" in told(farm)[0][1]
        await deal.sleep(days=100)
        assert (await status(deal)).runs == 4


async def test_a_chain_stops_when_the_client_answers(on_a_deal):
    """By itself, though the model named nothing to wait for, and in whichever history the deal is by then."""
    farm = farm_that(wish(**CHAIN), REPORT)
    async with on_a_deal(farm, rotate_after=1) as deal:
        first = (await begun(deal)).follow_up
        await deal.sleep_until(first.at + timedelta(minutes=1))
        await deal.ended_by_itself(2)
        await deal.sleep(days=2)
        history = deal.client.get_workflow_handle(deal.workflow.id, run_id=deal.workflow.first_execution_run_id)
        assert (await history.describe()).status == WorkflowExecutionStatus.CONTINUED_AS_NEW
        deal.workflow = deal.client.get_workflow_handle(deal.workflow.id)
        assert (await planned(deal)).number == 2
        await deal.tell(replied(2))
        await deal.sleep(seconds=30)
        await deal.ended_by_itself(3)
        assert ", 2 of 3 is off: the client wrote" in told(farm)[1][1]
        await deal.sleep(days=100)
        assert (await status(deal)).runs == 3


async def test_the_run_of_a_link_is_told_what_still_stands(on_a_deal):
    """Its strong model reads the next date beside the one that came."""
    farm = farm_that(wish(**CHAIN), REPORT, REPORT, triage=(ACT, ACT))
    farm.script["insight"].append(NOTHING_LEARNT)
    async with on_a_deal(farm) as deal:
        first = (await begun(deal)).follow_up
        await deal.sleep_until(first.at + timedelta(minutes=1))
        await deal.ended_by_itself(2)
        brief = next(call.say for call in farm.model_calls if call.site.run.endswith("run-2") and call.tools)
        assert "A follow-up is planned:" in brief
        assert "(2 of 3), or as soon as this comes: the client wrote: no answer yet" in brief


async def test_a_lost_deal_is_looked_at_no_more(on_a_deal):
    """Whatever was waited for: the agent declares what ends every wait."""
    farm = farm_that(wish(**CHAIN), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(deal_event(1, kind="deal.delete"))
        await deal.ended_by_itself(1)
        first = RunOutcome.model_validate(await deal.first_run.result()).follow_up
        await deal.tell(deal_event(2, status="lost"))
        await deal.ended_by_itself(2)
        assert [kind for kind, _ in told(farm)] == ["deal.change", "follow_up.off"]
        await deal.sleep_until(first.then[-1] + timedelta(days=1))
        assert (await status(deal)).runs == 2


async def test_a_run_plans_anew(on_a_deal):
    """A new date takes the place of the old one."""
    farm = farm_that(wish(in_days=3), REPORT, wish(in_days=20), REPORT, triage=(ACT, ACT, SKIP))
    farm.script["insight"].append(NOTHING_LEARNT)
    async with on_a_deal(farm) as deal:
        await begun(deal)
        await deal.sleep(days=1)
        await deal.tell(deal_event(2))
        await deal.sleep(seconds=30)
        await deal.ended_by_itself(2)
        await deal.sleep(days=10)
        assert (await status(deal)).runs == 2
        await deal.sleep(days=12)
        await deal.ended_by_itself(3)


async def test_a_run_calls_off_what_was_planned(on_a_deal):
    """And the date starts nothing."""
    off = uses((names.CANCEL_FOLLOW_UP, {"reason": "they ordered"}))
    farm = farm_that(wish(**CHAIN), REPORT, off, REPORT, triage=(ACT, ACT))
    farm.script["insight"].append(NOTHING_LEARNT)
    async with on_a_deal(farm) as deal:
        await begun(deal)
        await deal.tell(deal_event(2))
        await deal.sleep(seconds=30)
        assert RunOutcome.model_validate(await deal.run(2).result()).called_off
        await deal.sleep(days=100)
        now = await status(deal)
        assert (now.runs, now.follow_up, now.waiting_for) == (2, None, "the next event")


async def test_a_person_moves_a_date_and_calls_it_off(on_a_deal, temporal):
    """By a signal, in the middle of the wait: what is shown and the timer follow."""
    farm = farm_that(wish(in_days=3), REPORT)
    async with on_a_deal(farm) as deal:
        await begun(deal)
        later = (await temporal.get_current_time()).replace(microsecond=0) + timedelta(days=20)
        await deal.workflow.signal(names.FOLLOW_UP, Replan(by="Claire", at=later))
        await deal.sleep(days=10)
        assert (await status(deal)).runs == 1
        assert await shown(deal) == (await status(deal)).waiting_for
        assert f"follow-up {later.astimezone(PARIS):%Y-%m-%d %H:%M} Europe/Paris" in await shown(deal)
        await deal.workflow.signal(names.FOLLOW_UP, Replan(by="Claire"))
        await deal.sleep(days=30)
        assert (await status(deal)).runs == 1
        assert await shown(deal) == "the next event"


async def test_the_temporal_ui_says_what_it_waits_for(on_a_deal):
    """Until when by the agent's clock, which of how many, and what else would end it."""
    farm = farm_that(wish(**CHAIN, until=["stage"]), REPORT)
    async with on_a_deal(farm) as deal:
        first = (await begun(deal)).follow_up
        await deal.sleep(minutes=1)
        day = first.at.astimezone(PARIS)
        assert await shown(deal) == (
            f"follow-up {day:%Y-%m-%d} 09:00 Europe/Paris ({day:%A}), 1 of 3 or reply or stage"
        )


async def test_what_a_run_hears_at_work_ends_what_it_planned(on_a_deal):
    """It plans to wait for a reply, asks a person, and the reply comes: no date is left, and the model is told."""
    farm = farm_that(wish(in_days=3, until=["reply"]), uses(("crm__send_mail", MAIL)), REPORT, triage=(ACT, SKIP))
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(deal_event(1, kind="deal.delete"))
        await deal.asked()
        await deal.tell(replied(2))
        await deal.ended_by_itself(1)
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert (outcome.follow_up, outcome.called_off) == (None, True)
        assert any("is off: the client wrote" in call.say for call in farm.model_calls)


async def test_what_a_run_did_not_hear_ends_what_it_planned(on_a_deal):
    """A stage change doesn't interrupt a run; the plan it leaves is over when it ends, and the next run hears so."""
    farm = farm_that(wish(in_days=3, until=["stage"]), uses(("crm__send_mail", MAIL)), REPORT, triage=(ACT, SKIP))
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        await deal.asked()
        await deal.tell(deal_event(2, stage_id=4))
        await deal.sleep(days=4)  # the question expires, and the run ends with its plan
        await deal.ended_by_itself(2)
        assert [kind for kind, _ in told(farm)] == ["deal.change", "follow_up.off"]
        assert await planned(deal) is None


@pytest.mark.slow
async def test_the_time_of_a_wait_is_carried_over(on_a_deal):
    """A deal that goes on as new keeps the whole plan: its clock, its dates, what it waits for."""
    farm = farm_that(wish(**CHAIN, time_zone="America/New_York"), REPORT)
    async with on_a_deal(farm, rotate_after=1) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=30)
        plan = RunOutcome.model_validate(await deal.first_run.result()).follow_up
        deal.workflow = deal.client.get_workflow_handle(deal.workflow.id)
        await deal.sleep(hours=1)
        assert await planned(deal) == plan
        assert datetime.fromisoformat(str(plan.at)).astimezone(ZoneInfo("America/New_York")).hour == 9
        assert (plan.time_zone, plan.until, plan.of) == ("America/New_York", ("reply",), 3)
