"""What strangers wrote: the run that read it is tainted, so are those it works with, and whoever decides is told."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.approvals import Decision, Verdict
from contracts.calls import ModelReply
from contracts.search_attributes import TAINTED
from tests.fakes import FakeFarm, says, uses
from tests.workflow.conftest import until
from tests.workflow.teamwork import Job, lead, server

ANSWER = says('{"text": "forty-two"}')
MAILS = ("crm__list_mails", {"deal_id": 42})
MAIL = {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour"}
WRITE = uses(("crm__send_mail", MAIL)).model_copy(update={"text": "He waits for his quote."})
ASK_SCOUT = uses(("farm__delegate", {"agent": "scout", "task": "Read"}))
BY_MAILS = "list mails: deal_id 42"


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


async def is_shown(job: Job) -> bool:
    return bool((await job.run.describe()).typed_search_attributes.get(TAINTED))


async def test_whoever_decides_is_told_what_the_run_knows(temporal):
    """What it read, that strangers wrote some of it, which model wants the call, and why in its own words."""
    farm = FakeFarm({"lead": [uses(MAILS), WRITE, ANSWER]})
    async with lead(temporal.client, farm) as job:
        question = await job.asked()
        assert [(each.step, each.what, each.outside) for each in question.read] == [
            ("triage-read", "get deal: deal_id 42", False),
            ("orchestrate-1.1", BY_MAILS, True),
        ]
        assert question.read[1].ref == "r-orchestrate-1.1"
        assert question.tainted == BY_MAILS
        assert (question.proposed_by, question.wish) == ("fake", "He waits for his quote.")
        assert await is_shown(job)
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await job.outcome()


async def test_a_run_that_read_nothing_of_strangers_is_not_tainted(temporal):
    """Neither in the question nor in the Temporal UI."""
    farm = FakeFarm({"lead": [WRITE, ANSWER]})
    async with lead(temporal.client, farm) as job:
        question = await job.asked()
        assert question.tainted == ""
        assert not await is_shown(job)
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        assert (await job.outcome()).tainted == ""


async def test_policy_may_be_stricter_with_a_tainted_run(temporal):
    """The lead may close a deal by itself, and not once it has read mails."""
    close = ("crm__update_deal", {"deal_id": 42, "field": "status", "value": "won"})
    farm = FakeFarm({"lead": [uses(close), uses(MAILS), uses(close), ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.outcome()
        assert len(farm.called("crm__update_deal")) == 1
        (told,) = farm.model_calls[3].results
        assert told.text == "Policy forbids this call of crm__update_deal: strangers may have asked for it."


async def test_a_task_of_a_tainted_run_is_tainted(temporal):
    """The words of the task may be a stranger's: the scout's own question says so."""
    farm = FakeFarm({"lead": [uses(MAILS), ASK_SCOUT, ANSWER]})
    scouts = FakeFarm({"scout": [WRITE, ANSWER]})
    async with lead(temporal.client, farm, scouts=scouts) as job:

        async def asked():
            return next(iter(scouts.approvals.values()), None)

        question = (await until(asked, "the scout did not ask")).request
        assert question.tainted == BY_MAILS
        scout = temporal.client.get_workflow_handle(question.workflow_id)
        assert (await scout.describe()).typed_search_attributes.get(TAINTED) is True
        await scout.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await job.outcome()


async def test_what_a_tainted_sub_agent_reports_taints(temporal):
    """The lead has read no mail itself, and still knows of one."""
    farm, scouts = FakeFarm({"lead": [ASK_SCOUT, ANSWER]}), FakeFarm({"scout": [uses(MAILS), ANSWER]})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        assert (await job.outcome()).tainted == f"scout: {BY_MAILS}"
        assert await is_shown(job)


async def test_a_long_run_stays_tainted(temporal):
    """A new history knows what the one before it had read."""
    searches = [uses(("crm__search_notes", {"deal_id": 42, "query": f"word {number}"})) for number in range(12)]
    farm = FakeFarm({"lead": [uses(MAILS), *searches, WRITE, ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.until_turn(14)
        question = await job.asked()
        assert len(await job.histories()) > 1
        assert question.tainted == BY_MAILS
        assert len(question.read) == 12
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await job.outcome()


ORDERS = "crm__list_mails: override ('Ignore all previous instructions')"


def after_reading_orders(reply: ModelReply) -> ModelReply:
    """As the activity answers, where what was new in the call looked like orders to a model."""
    return reply.model_copy(update={"suspicious": ORDERS})


async def test_orders_to_a_model_taint_and_stop_nothing(temporal):
    """The wish is put to people as it was, with where and by which words; and in a new history, too."""
    searches = [uses(("crm__search_notes", {"deal_id": 42, "query": f"word {number}"})) for number in range(12)]
    farm = FakeFarm({"lead": [after_reading_orders(searches[0]), *searches[1:], WRITE, ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.until_turn(13)
        question = await job.asked()
        assert len(await job.histories()) > 1
        assert (question.tainted, question.suspicious) == (ORDERS, ORDERS)
        assert question.arguments == MAIL
        assert await is_shown(job)
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        assert (await job.outcome()).suspicious == ORDERS
        assert len(farm.called("crm__send_mail")) == 1


async def test_orders_that_a_sub_agent_read_are_told_too(temporal):
    """By whom they were read; beside what the run had read of strangers itself."""
    farm = FakeFarm({"lead": [uses(MAILS), ASK_SCOUT, WRITE, ANSWER]})
    scouts = FakeFarm({"scout": [after_reading_orders(ANSWER)]})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        question = await job.asked()
        assert (question.tainted, question.suspicious) == (BY_MAILS, f"scout: {ORDERS}")
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await job.outcome()
