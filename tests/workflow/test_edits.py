"""A person changes what an agent wants to do: only into what its tool takes."""

from contracts import names
from contracts.approvals import Decision, DecisionReceipt, Verdict
from tests.fakes import uses
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import MAIL, REPORT, script

CUT = {"deal_id": 42}
SHORTER = {**MAIL, "body": "Bonjour Julien"}


def edit(approval: str, arguments: dict) -> Decision:
    return Decision(approval=approval, verdict=Verdict.EDIT, by="U0CLAIRE", channel="slack", arguments=arguments)


async def decided(deal, decision: Decision) -> DecisionReceipt:
    return await deal.first_run.execute_update(names.DECIDE, decision, result_type=DecisionReceipt)


async def test_an_edit_that_the_tool_would_refuse_does_not_count(on_a_deal):
    """Whoever edits is told what is wrong, the question stands, and the mended edit counts."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        farm.edit_flaw = "'to' is a required property"
        refused = await decided(deal, edit(question.id, CUT))
        assert (refused.accepted, refused.message) == (
            False,
            "the edit doesn't fit crm__send_mail: 'to' is a required property",
        )
        assert farm.approvals[question.id].status == "pending"
        farm.edit_flaw = ""
        assert (await decided(deal, edit(question.id, SHORTER))).accepted
        await deal.first_run.result()
        assert [call.arguments for call in farm.called("crm__send_mail")] == [SHORTER]
        assert [(each.tool, each.toolset, each.arguments) for each in farm.edits] == [
            ("crm__send_mail", "toolset", CUT),
            ("crm__send_mail", "toolset", SHORTER),
        ]


async def test_a_signal_s_edit_is_checked_too(on_a_deal):
    """An operator isn't told, but nothing is done, and a rejection after it counts."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    farm.edit_flaw = "'to' is a required property"
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        await deal.first_run.signal(names.DECIDE, edit(question.id, CUT))
        await deal.first_run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT))
        await deal.first_run.result()
        assert farm.called("crm__send_mail") == []
        assert farm.approvals[question.id].status == "rejected"


async def test_what_is_no_edit_is_not_held_up(on_a_deal):
    """An approval takes what was shown, and costs no look at a schema; nor does an edit of a question that is over."""
    farm = script(uses(("crm__send_mail", MAIL)), REPORT)
    async with on_a_deal(farm) as deal:
        await deal.tell(deal_event(1, stage_id=4))
        await deal.sleep(seconds=30)
        question = await deal.asked()
        approval = Decision(approval=question.id, verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
        assert (await decided(deal, approval)).accepted
        await deal.first_run.result()
        assert farm.edits == []
