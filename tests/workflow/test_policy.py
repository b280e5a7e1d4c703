"""Policy by what is in a call's arguments, in a run."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.approvals import Decision, Verdict
from tests.fakes import WRITE, FakeFarm, says, uses
from tests.workflow.teamwork import lead, server

ANSWER = says('{"text": "forty-two"}')
MAIL = {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour"}
TO_A_RIVAL = {**MAIL, "to": "ceo@rival.example"}
FORBIDDEN = "Policy forbids this call of crm__send_mail: we don't write to them."


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


async def test_what_policy_forbids_is_not_asked_about(temporal):
    """The model is told why; the same tool with other arguments still asks."""
    farm = FakeFarm({"lead": [uses(("crm__send_mail", TO_A_RIVAL)), uses(("crm__send_mail", MAIL)), ANSWER]})
    async with lead(temporal.client, farm) as job:
        question = await job.asked()
        assert question.arguments == MAIL
        assert farm.model_calls[1].results[0].text == FORBIDDEN
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await job.outcome()
        assert [call.arguments for call in farm.called("crm__send_mail")] == [MAIL]


async def test_nobody_can_edit_a_call_into_what_is_forbidden(temporal):
    """An approver may change what is done, and not what nobody may do."""
    farm = FakeFarm({"lead": [uses(("crm__send_mail", MAIL)), ANSWER]})
    async with lead(temporal.client, farm) as job:
        question = await job.asked()
        edit = Decision(approval=question.id, verdict=Verdict.EDIT, arguments=TO_A_RIVAL)
        await job.run.signal(names.DECIDE, edit)
        await job.outcome()
        assert farm.called("crm__send_mail") == []
        assert farm.model_calls[1].results[0].text == FORBIDDEN


async def test_a_run_does_not_begin_with_a_tool_that_policy_says_nothing_of(temporal):
    """A server has got a new tool since the worker started: the run fails at once, and says what is to be done."""
    farm = FakeFarm({"lead": [ANSWER]})
    farm.natures["crm__delete_deal"] = WRITE
    async with lead(temporal.client, farm) as job:
        with pytest.raises(WorkflowFailureError) as failed:
            await job.outcome()
        assert 'Rule(tool="crm__delete_deal", consent=Consent.ASK, why="...")' in str(failed.value.cause)
        assert farm.model_calls == []
        assert farm.runs[-1].status == "failed"
