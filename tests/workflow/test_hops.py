"""News that is too many hops from a person: put aside, told of once, handed on where a person wants it."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError

from contracts import names
from contracts.agents import Debounce
from contracts.approvals import Decision, DecisionReceipt, Verdict
from contracts.calls import Alarm, ToolReply
from contracts.events import Event
from contracts.workflows import EntityStatus
from ops.intake import WhoWeAre, doors
from ops.redriving import hand_over
from store.database import Database
from store.dead_letters import DeadLetters
from store.runs import Runs
from tests.fakes import FakeFarm, uses
from tests.workflow.events import deal_event
from tests.workflow.test_interrupting import SLOW, began, client_wrote, script
from tests.workflow.test_sales_run import MAIL, REPORT, SKIP, until_posted
from workflows.sales.agent import SALES

AT_ONCE = Debounce(quiet=timedelta(seconds=1), longest=timedelta(seconds=1))
MOST = SALES.most_hops


def far(number: int, hop: int = MOST + 1) -> Event:
    return deal_event(number).model_copy(update={"hop": hop})


async def test_news_that_is_too_far_from_a_person_gets_no_run(on_a_deal):
    """Its window is one dead letter, with the reason; and people are told once, with what to do."""
    farm = FakeFarm({})
    async with on_a_deal(farm) as deal:
        await deal.tell(far(1), far(2))
        await deal.sleep(minutes=2)
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
    assert (status.pending, status.running) == (0, "")
    (record,) = farm.runs
    assert (record.run, record.phase) == ("sales:deal:42/run-1", "dead-letter")
    assert record.reason == f"hop limit: {MOST + 1} runs since a person did something, and sales allows {MOST}"
    assert [event["id"] for event in record.events] == ["event-1", "event-2"]
    (alarm,) = farm.alarms
    assert "put 2 events aside" in alarm.text
    assert "./farm dead-letters redrive sales:deal:42/run-1" in alarm.text


async def test_as_far_as_is_allowed_is_news_like_any(on_a_deal):
    """The limit itself is within it."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(far(1, hop=MOST))
        await deal.sleep(minutes=2)
        await deal.ended_by_itself(1)
    assert farm.alarms == []


async def test_what_is_near_enough_in_the_same_window_has_its_run(on_a_deal):
    """What is put aside takes nothing with it: no person's news, and none within the limit."""
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(far(1), deal_event(2), far(3), far(4, hop=MOST))
        await deal.sleep(minutes=2)
        await deal.ended_by_itself(2)
    letter, *_, run = farm.runs
    assert [event["id"] for event in letter.events] == ["event-1", "event-3"]
    assert [event["id"] for event in run.events] == ["event-2", "event-4"]


async def test_such_news_does_not_interrupt_a_run(on_a_deal):
    """A run that heard it would be as far from a person, and answer it."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(began())
        question = await deal.asked()
        await until_posted(farm)
        await deal.tell(client_wrote(2).model_copy(update={"hop": MOST + 1}))
        await deal.sleep(seconds=30)
        assert await deal.history(1, "WORKFLOW_EXECUTION_SIGNALED") == []
        yes = Decision(approval=question.id, verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
        await deal.first_run.execute_update(names.DECIDE, yes, result_type=DecisionReceipt)
        await deal.ended_by_itself(1)
    assert len(farm.called("crm__send_mail")) == 1
    assert farm.approvals[question.id].status == "approved"


class NoSlack(FakeFarm):
    """A farm whose alarms don't go out until Slack is back."""

    is_back = False

    @activity.defn(name=names.RAISE_ALARM)
    async def raise_alarm(self, alarm: Alarm) -> ToolReply:
        if not self.is_back:
            raise ApplicationError("Slack is away")
        self.alarms.append(alarm)
        return ToolReply(ref="r-alarm")


async def test_an_alarm_that_is_not_out_yet_goes_out(on_a_deal):
    """Runs go on meanwhile; only a new history, with which the alarm would be lost, waits for it."""
    farm = NoSlack({"triage": [SKIP] * 2})
    async with on_a_deal(farm, debounce=AT_ONCE, rotate_after=1) as deal:
        current = deal.client.get_workflow_handle(deal.workflow.id)
        first = (await current.describe()).run_id
        await deal.tell(far(1), deal_event(2))
        await deal.sleep(seconds=5)
        await deal.ended_by_itself(2)
        await deal.sleep(minutes=1)
        assert (await current.describe()).run_id == first
        farm.is_back = True
        await deal.sleep(minutes=2)
        assert len(farm.alarms) == 1
        await deal.tell(deal_event(3))
        await deal.sleep(seconds=5)
        await deal.ended_by_itself(3)
        await deal.sleep(seconds=5)
        assert (await current.describe()).run_id != first


@pytest.mark.parametrize(("minutes", "alarms"), [(10, 1), (61, 2)])
async def test_people_are_told_once_an_hour(on_a_deal, minutes, alarms):
    """Each time is a dead letter; a channel full of the same alarm is read by nobody. It holds over new histories."""
    farm = FakeFarm({"triage": [SKIP] * 2})
    async with on_a_deal(farm, debounce=AT_ONCE, rotate_after=1) as deal:
        await deal.tell(far(1))
        await deal.sleep(seconds=5)
        await deal.tell(deal_event(2))
        await deal.sleep(seconds=5)
        await deal.ended_by_itself(2)
        await deal.sleep(minutes=minutes)
        await deal.tell(far(3))
        await deal.sleep(seconds=5)
    assert len([record for record in farm.runs if record.phase == "dead-letter"]) == 2
    assert len(farm.alarms) == alarms


async def test_a_person_who_hands_it_on_is_where_hops_begin(on_a_deal, tmp_path: Path):
    """Redriven, it has a run: of its hops one is left."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await db.migrate()
    farm = FakeFarm({"triage": [SKIP]})
    async with on_a_deal(farm) as deal:
        await deal.tell(far(1))
        await deal.sleep(minutes=2)
        await Runs(db).record(farm.runs[0])
        (letter,) = await DeadLetters(db).waiting()
        async with doors(deal.client, db, WhoWeAre()) as door:
            await hand_over(DeadLetters(db), letter, "claire", door)
        await deal.sleep(minutes=2)
        await deal.ended_by_itself(2)
    assert [(event["id"], event["hop"]) for event in farm.runs[-1].events] == [("redrive-1:event-1", 1)]
    await db.close()


async def test_what_a_run_writes_says_how_far_it_is_from_a_person(on_a_deal):
    """As far as the furthest of what began it."""
    farm = script(uses(("crm__add_note", {"deal_id": 42, "content": "Seen"})), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1), far(2, hop=2), far(3, hop=1))
        await deal.sleep(minutes=2)
        await deal.ended_by_itself(1)
    assert [call.hop for call in farm.called("crm__add_note")] == [2]
    assert [call.hop for call in farm.called("slack__post_message")] == [2]
