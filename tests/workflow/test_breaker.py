"""An entity that runs too often: stopped, told of once, let go on by a person, with nothing lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from contracts import names
from contracts.agents import Debounce
from contracts.approvals import ApprovalRequest, Decision, DecisionReceipt, Verdict
from contracts.steering import Resume
from contracts.workflows import EntityStatus
from tests.fakes import FakeFarm
from tests.workflow.conftest import Deal, until
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import SKIP
from workflows.sales.agent import SALES

AT_ONCE = Debounce(quiet=timedelta(seconds=1), longest=timedelta(seconds=1))
MOST = SALES.breaker.runs


@pytest.mark.parametrize("rotate_after", [1, pytest.param(100, marks=pytest.mark.slow)])
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
        assert "farm.approve" in str(alarm.blocks)
        assert f"it ran {MOST} times within 1:00:00" in alarm.text
        assert "./farm release sales:deal:42" in alarm.text
        status = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
        assert (status.pending, status.stopped) == (2, True)

        await deal.workflow.signal(names.RESUME, Resume(by="claire"))
        await deal.ended_by_itself(MOST + 1)
        assert [event["id"] for event in farm.runs[-1].events] == [f"event-{MOST + 1}", f"event-{MOST + 2}"]


@asynccontextmanager
async def stopped(on_a_deal, farm: FakeFarm) -> AsyncIterator[tuple[Deal, ApprovalRequest]]:
    """A deal that has had all the runs of its hour, and something comes in: it asks whether it goes on."""
    async with on_a_deal(farm, debounce=AT_ONCE, begun=(datetime.now(UTC),) * MOST) as deal:
        await deal.tell(deal_event(1))
        await deal.sleep(seconds=5)
        [question] = await deal.workflow.query(names.APPROVALS, result_type=list[ApprovalRequest])
        assert farm.approvals[question.id].status == "pending"
        yield deal, question


def word(question: ApprovalRequest, by: str, verdict: Verdict = Verdict.APPROVE) -> Decision:
    return Decision(approval=question.id, verdict=verdict, by=by, channel="slack")


async def test_an_approver_lets_it_go_on(on_a_deal):
    """By the button in Slack, like any other question; nobody else does, and there is nothing to edit."""
    farm = FakeFarm({"triage": [SKIP]})
    async with stopped(on_a_deal, farm) as (deal, question):
        assert question.what.startswith("let sales:deal:42 go on: it is stopped, for it ran 20 times")
        for refused in (word(question, "U0INES"), word(question, "U0TOM", Verdict.EDIT)):
            receipt = await deal.workflow.execute_update(names.DECIDE, refused, result_type=DecisionReceipt)
            assert not receipt.accepted
        receipt = await deal.workflow.execute_update(
            names.DECIDE, word(question, "U0CLAIRE"), result_type=DecisionReceipt
        )
        assert receipt.message == "approved by U0CLAIRE"
        await deal.ended_by_itself(1)
        assert farm.approvals[question.id].decision.by == "U0CLAIRE"
        await until(lambda: told(farm), "the message was not changed")


async def told(farm: FakeFarm) -> bool | None:
    return any(alarm.instead_of and "Approved by" in alarm.text for alarm in farm.alarms) or None


async def test_nobody_s_answer_is_asked_for_anew_and_a_no_is_not(on_a_deal):
    """After three days another question; after a no it stays stopped, until an operator says otherwise."""
    farm = FakeFarm({"triage": [SKIP]})
    async with stopped(on_a_deal, farm) as (deal, first):
        await deal.sleep(days=3, minutes=1)
        [second] = await deal.workflow.query(names.APPROVALS, result_type=list[ApprovalRequest])
        assert farm.approvals[first.id].status == "expired"
        assert second.id != first.id
        await deal.workflow.signal(names.DECIDE, word(second, "claire", Verdict.REJECT))
        await deal.sleep(days=10)
        assert await deal.workflow.query(names.APPROVALS, result_type=list[ApprovalRequest]) == []
        assert (farm.approvals[second.id].status, len(farm.approvals)) == ("rejected", 2)
        assert farm.model_calls == []
        await deal.workflow.signal(names.RESUME, Resume(by="claire"))
        await deal.ended_by_itself(1)


@pytest.mark.slow
async def test_as_many_runs_in_a_longer_time_are_work(on_a_deal):
    """A deal that has much to do goes on."""
    farm = FakeFarm({"triage": [SKIP] * (MOST + 5)})
    async with on_a_deal(farm, debounce=AT_ONCE) as deal:
        for number in range(1, MOST + 3):
            await deal.tell(deal_event(number))
            await deal.sleep(minutes=4)
            await deal.ended_by_itself(number)
    assert farm.alarms == []
