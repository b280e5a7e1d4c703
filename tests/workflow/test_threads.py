"""All that a run says in Slack stands in one thread, and none of it is hidden there."""

from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.approvals import Decision, Verdict
from tests.fakes import FakeFarm, uses
from tests.workflow.conftest import on_a_monday, until
from tests.workflow.events import deal_event
from tests.workflow.test_people import MAIL, NOTE, sitting
from tests.workflow.test_sales_run import MAIL as SALES_MAIL
from tests.workflow.test_sales_run import REPORT, script


@pytest.fixture
async def temporal(temporal: WorkflowEnvironment) -> WorkflowEnvironment:
    await on_a_monday(temporal)
    return temporal


def places(farm: FakeFarm) -> list[tuple[str, bool]]:
    """Of each post, in order: the thread that it stands in, and whether the channel sees it too."""
    posts = [call.arguments for call in farm.called("slack__post_message")]
    return [(each.get("thread_ts", ""), each.get("reply_broadcast", False)) for each in posts]


def opened(farm: FakeFarm) -> str:
    """The `ts` of the first post."""
    return f"{farm.tool_calls.index(farm.called('slack__post_message')[0]) + 1}.0"


async def test_two_questions_at_once_stand_in_one_thread(temporal):
    """The first to be posted opens it, though both are asked in the same moment; the other is shown to all."""
    farm = FakeFarm({})
    farm.tool_slow_s["slack__post_message"] = 0.3
    async with sitting(temporal, uses(("crm__send_mail", MAIL), ("crm__add_note", NOTE)), farm=farm) as room:

        async def both() -> bool | None:
            return len(places(farm)) == 2 or None

        await until(both, "the second question was not posted")
        assert places(farm) == [("", False), (opened(farm), True)]
        for approval in list(farm.approvals):
            await room.decide(approval, "U0CLAIRE", Verdict.REJECT)
        await room.outcome()


async def test_the_report_stands_in_the_thread_of_what_was_asked(on_a_deal):
    """And in the channel: who doesn't open threads reads it as well."""
    farm = script(uses(("crm__send_mail", SALES_MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, last_incoming_mail_time="x"))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        decision = Decision(approval=question.id, verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
        await deal.first_run.execute_update(names.DECIDE, decision)
        await deal.first_run.result()
        assert places(farm) == [("", False), (opened(farm), True)]


async def test_a_reminder_stands_in_the_thread_alone(temporal):
    """It is for those who are asked."""
    farm = FakeFarm({})
    async with sitting(temporal, uses(("crm__add_note", NOTE)), farm=farm) as room:
        question = await room.asked()
        await room.pass_until(question.asked_at + timedelta(hours=30))
        assert room.said("reminder")
        assert places(farm)[1:] == [(opened(farm), False)] * len(room.said("reminder"))
        await room.decide(question.id, "U0CLAIRE", Verdict.REJECT)
        await room.outcome()


async def test_a_question_that_slack_takes_late_is_brought_up_to_date(temporal):
    """One of two agreed while Slack was away: the message that comes at last says so."""
    farm = FakeFarm({})
    farm.tool_slow_s["slack__post_message"] = 2
    async with sitting(temporal, uses(("crm__send_mail", MAIL)), farm=farm) as room:
        question = await room.asked()
        await room.decide(question.id, "U0CLAIRE", channel="page")

        async def updated() -> str | None:
            calls = farm.called("slack__update_message")
            return str(calls[0].arguments["blocks"]) if calls else None

        assert "2 people must say yes, 1 did: <@U0CLAIRE>" in await until(updated, "it wasn't brought up to date")
        await room.decide(question.id, "U0TOM", Verdict.REJECT)
        await room.outcome()
