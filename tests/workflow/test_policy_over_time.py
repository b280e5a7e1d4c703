"""A policy changes while a question waits: in the safe direction it holds at once, in the other one not at all."""

import pytest

from contracts.approvals import Verdict
from contracts.policy import ApprovalPolicy, Consent, Rule
from tests.fakes import WRITE, FakeFarm, uses
from tests.workflow.committee import COMMITTEE
from tests.workflow.test_people import sitting

CALL = {"deal_id": 42, "subject": "Call him", "type": "call", "due_date": "2026-12-01"}
TOOL = "crm__create_activity"
WISH = uses((TOOL, CALL))


def changed(consent: Consent = Consent.ASK, **more) -> ApprovalPolicy:
    """The committee's policy with another word on the one tool."""
    (asked,) = [rule for rule in COMMITTEE.policy.rules if rule.tool == TOOL]
    rule = Rule(tool=TOOL, consent=consent, why="we call nobody any more", still=asked.still)
    others = tuple(each for each in COMMITTEE.policy.rules if each.tool != TOOL)
    return COMMITTEE.policy.model_copy(update={"rules": (rule, *others), **more})


async def test_a_denial_closes_what_waits(temporal):
    """Whoever says yes is told no, and so is the model; the question is closed as forbidden."""
    async with sitting(temporal, WISH) as room:
        question = await room.asked()
        room.farm.policies = [changed(Consent.DENY)]
        receipt = await room.decide(question.id, "U0CLAIRE")
        assert (receipt.accepted, receipt.message) == (False, "policy forbids this by now: we call nobody any more")
        await room.outcome()
        assert room.farm.called(TOOL) == []
        assert room.farm.approvals[question.id].status == "forbidden"
        (told,) = room.farm.model_calls[1].results
        assert told.text == "A policy that came meanwhile forbids this, so it was not done."


async def test_a_looser_policy_changes_nothing_for_what_waits(temporal):
    """It is still asked about, and still not everybody's to decide."""
    async with sitting(temporal, WISH) as room:
        question = await room.asked()
        room.farm.policies = [changed(Consent.ALLOW, approvers=())]
        assert not (await room.decide(question.id, "U0EVE")).accepted
        assert (await room.decide(question.id, "U0TOM")).accepted
        await room.outcome()
        assert len(room.farm.called(TOOL)) == 1


async def test_a_removed_approver_does_not_decide(temporal):
    """Tom is off the list since this morning; Claire's yes does it."""
    async with sitting(temporal, WISH) as room:
        question = await room.asked()
        room.farm.policies = [changed(approvers=("U0CLAIRE",))]
        assert not (await room.decide(question.id, "U0TOM")).accepted
        assert (await room.decide(question.id, "U0CLAIRE")).accepted
        await room.outcome()
        assert len(room.farm.called(TOOL)) == 1


async def test_an_edit_that_needs_more_people_is_asked_anew(temporal):
    """One may agree to the small amount, and not alone to the large one that he makes of it."""
    farm = FakeFarm({})
    farm.natures["crm__set_price"] = WRITE
    async with sitting(temporal, uses(("crm__set_price", {"value": 5})), farm=farm) as room:
        question = await room.asked()
        assert question.quorum == 1
        await room.decide(question.id, "U0TOM", Verdict.EDIT, arguments={"value": 50_000})
        anew = await room.asked()
        while anew.id == question.id:
            anew = await room.asked()
        assert (anew.quorum, anew.arguments) == (2, {"value": 50_000})
        assert (anew.again, anew.changed) == (question.id, "policy: 2 people must agree now")
        await room.decide(anew.id, "U0TOM")
        await room.decide(anew.id, "U0CLAIRE")
        await room.outcome()
        assert [call.arguments for call in room.farm.called("crm__set_price")] == [{"value": 50_000}]


@pytest.mark.parametrize("pinned", [True, False])
async def test_a_run_works_by_the_policy_that_it_began_with(temporal, pinned):
    """By its kit; a kit of before policies were pinned leaves it to the code."""
    farm = FakeFarm({})
    farm.pinned = changed(Consent.ALLOW) if pinned else None
    async with sitting(temporal, WISH, farm=farm) as room:
        if pinned:
            await room.outcome()
            assert len(room.farm.called(TOOL)) == 1
            assert room.farm.approvals == {}
        else:
            await room.decide((await room.asked()).id, "U0TOM", Verdict.REJECT)
            await room.outcome()
