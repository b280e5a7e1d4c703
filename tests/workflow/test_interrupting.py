"""News that a run under way hears before it does anything more: a client's mail, a deal that is lost."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from contracts import names
from contracts.agents import Debounce
from contracts.approvals import Decision, DecisionReceipt, Verdict
from contracts.calls import DEAD_LETTER
from contracts.workflows import EntityStatus, RunOutcome
from tests.fakes import FakeFarm, uses
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import ACT, MAIL, NOTHING_LEARNT, REPORT, SKIP, until_posted

SLOW = Debounce(quiet=timedelta(hours=1), longest=timedelta(hours=2))
NOTE = {"deal_id": 42, "content": "x"}


def script(*orchestrator, triage=(ACT, SKIP)) -> FakeFarm:
    return FakeFarm({"triage": list(triage), "orchestrator": list(orchestrator), "insight": [NOTHING_LEARNT]})


def began(number: int = 1):
    """Urgent, so that the run begins at once."""
    return deal_event(number, kind="deal.delete")


def client_wrote(number: int):
    return deal_event(number, last_incoming_mail_time="2026-03-02 09:00:00")


def ids(record) -> list[str]:
    return [event["id"] for event in record.events]


async def superseded(farm, approval: str) -> None:
    async def closed() -> bool | None:
        return farm.approvals[approval].status == "superseded" or None

    await until(closed, "the question still stands")


async def test_a_question_is_overtaken_by_news(on_a_deal):
    """A client writes while a mail to him waits for a yes: the question is closed, and the agent hears of it first."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(began())
        question = await deal.asked()
        await until_posted(farm)
        await deal.tell(client_wrote(2))
        await superseded(farm, question.id)
        await deal.ended_by_itself(1)
        told = farm.model_calls[2]
        assert "news came while you worked" in told.results[0].text
        assert "News came while you work" in told.say
        assert "news 2" in told.say
        assert farm.called("crm__send_mail") == []
        (closed,) = farm.called("slack__update_message")
        assert "Superseded" in str(closed.arguments)


async def test_a_click_on_an_overtaken_question_gets_a_clear_answer(on_a_deal):
    """Whoever approves a moment late is told, and nothing is sent."""
    farm = script(uses(("crm__send_mail", MAIL)), uses(("crm__send_mail", {**MAIL, "body": "Merci"})), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(began())
        question = await deal.asked()
        await deal.tell(client_wrote(2))
        await superseded(farm, question.id)
        click = Decision(approval=question.id, verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
        receipt = await deal.first_run.execute_update(names.DECIDE, click, result_type=DecisionReceipt)
        assert (receipt.accepted, receipt.message) == (False, "too late: already superseded")
        assert farm.called("crm__send_mail") == []


async def test_news_that_was_heard_needs_no_run_of_its_own(on_a_deal):
    """It is one of the run's events in the record, and gone from the inbox; what came beside it still waits."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(began())
        await deal.asked()
        await deal.tell(deal_event(2, label="hot"), client_wrote(3))
        await deal.ended_by_itself(1)
        assert ids(farm.runs[-1]) == ["event-1", "event-3"]
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
        assert (status.pending, status.runs) == (1, 1)
        await deal.sleep(hours=3)
        await deal.ended_by_itself(2)
        assert ids(farm.runs[-1]) == ["event-2"]


async def test_what_was_thought_before_the_news_is_not_done(on_a_deal):
    """News that comes while the model thinks holds back what it wanted to change; what only reads is read."""
    wish = uses(("crm__add_note", NOTE), ("crm__search_notes", {"deal_id": 42}))
    farm = script(wish, uses(("crm__add_note", NOTE)), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        thinking = 2  # triage, then the first turn

        async def when_it_thinks() -> None:
            if len(farm.model_calls) < thinking:
                farm.before_model = when_it_thinks
                return
            await deal.tell(client_wrote(2))
            await until(lambda: arrived(deal), "the news did not reach the run")

        farm.before_model = when_it_thinks
        await deal.tell(began())
        await deal.ended_by_itself(1)
        held_back, read = farm.model_calls[2].results
        assert "This was not done" in held_back.text
        assert not read.is_error
        assert [call.site.step for call in farm.called("crm__add_note")] == ["orchestrate-2.1"]


async def arrived(deal) -> bool | None:
    """Whether the run's history has the news."""
    signals = await deal.history(1, "WORKFLOW_EXECUTION_SIGNALED")
    return bool(signals) or None


async def test_news_is_on_record_as_what_came_to_the_run(on_a_deal):
    """Who asks later why the agent changed its mind finds what it heard, and by whom."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(began())
        await deal.asked()
        await deal.tell(client_wrote(2))
        await deal.ended_by_itself(1)
        told = [(each.number, each.kind, each.by, each.text) for each in farm.interventions]
        assert told == [(1, "news", "pipedrive:user:11", "news 2")]


async def test_news_that_comes_too_late_has_the_next_run(on_a_deal):
    """A run that has its answer doesn't hear any more; the event isn't lost with it."""
    farm = script(REPORT)
    farm.tool_slow_s["slack__post_message"] = 1
    async with on_a_deal(farm, debounce=Debounce(quiet=timedelta(seconds=1))) as deal:
        await deal.tell(began())
        await until_posted(farm)  # it has its answer, and tells it
        await deal.tell(client_wrote(2))
        await deal.ended_by_itself(1)
        await deal.sleep(seconds=10)
        await deal.ended_by_itself(2)
        assert [ids(record) for record in farm.runs if record.status in {"done", "skipped"}] == [
            ["event-1"],
            ["event-2"],
        ]


async def test_triage_that_skips_leaves_the_news_to_the_next_run(on_a_deal):
    """Only the thinking that acts hears news; a run that stops before has heard none."""
    farm = script(triage=(SKIP, SKIP))
    async with on_a_deal(farm, debounce=Debounce(quiet=timedelta(seconds=1))) as deal:
        farm.before_model = lambda: deal.tell(client_wrote(2))
        await deal.tell(began())
        await deal.ended_by_itself(1)
        await deal.sleep(seconds=10)
        await deal.ended_by_itself(2)
        assert ids(farm.runs[-1]) == ["event-2"]


async def test_a_run_stopped_after_it_heard_leaves_the_news_to_the_next(on_a_deal):
    """The dead letter has what the run began with; what came to it has another run."""
    farm = script(uses(("crm__send_mail", MAIL)), uses(("crm__send_mail", {**MAIL, "body": "Merci"})))
    async with on_a_deal(farm, debounce=Debounce(quiet=timedelta(seconds=1))) as deal:
        await deal.tell(began())
        first = await deal.asked()
        await deal.tell(client_wrote(2))
        await superseded(farm, first.id)
        await deal.asked()
        await deal.first_run.cancel()
        with pytest.raises(WorkflowFailureError):
            await deal.first_run.result()
        await deal.sleep(seconds=10)
        await deal.ended_by_itself(2)
        (dead,) = [record for record in farm.runs if record.phase == DEAD_LETTER]
        assert ids(dead) == ["event-1"]
        assert ids(farm.runs[-1]) == ["event-2"]


async def test_other_news_waits_for_the_run_to_end(on_a_deal):
    """What the agent didn't name doesn't interrupt it: a question about another matter stands."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm, debounce=SLOW) as deal:
        await deal.tell(began())
        question = await deal.asked()
        await deal.tell(deal_event(2, label="hot"))
        await deal.sleep(minutes=10)
        assert farm.approvals[question.id].status == "pending"
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        outcome = RunOutcome.model_validate(await deal.first_run.result())
        assert outcome.heard == ()
        assert len(farm.called("crm__send_mail")) == 1
