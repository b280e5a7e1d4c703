"""What a run cost so far, as the Temporal UI can be asked for it."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from contracts import names
from contracts.agents import Limits
from contracts.approvals import Decision, Verdict
from contracts.search_attributes import COST_USD
from tests.fakes import FakeFarm, says, uses
from tests.workflow.teamwork import lead, server

ANSWER = says('{"text": "forty-two"}')
NOTE = uses(("crm__add_note", {"deal_id": 42, "content": "x"}))
MAIL = uses(("crm__send_mail", {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour"}))
ASK_SCOUT = uses(("farm__delegate", {"agent": "scout", "task": "Look"}))
FOUND = says('{"text": "blue"}', cost_usd=0.2)
TURN, LAST = 0.01, 0.001
"""What the fake's answers cost: one that calls a tool, and one in words."""


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


async def shown(job) -> float:
    return (await job.run.describe()).typed_search_attributes.get(COST_USD) or 0.0


async def test_a_run_that_waits_shows_what_it_cost_so_far(temporal):
    """It may wait for days, and somebody may look for what is dear meanwhile."""
    async with lead(temporal.client, FakeFarm({"lead": [NOTE, MAIL, ANSWER]})) as job:
        question = await job.asked()
        assert await shown(job) == pytest.approx(2 * TURN)
        await job.run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.APPROVE))
        await job.outcome()
        assert await shown(job) == pytest.approx(2 * TURN + LAST)


@pytest.mark.slow
async def test_the_cost_goes_on_in_new_histories(temporal):
    """The last of several says what all of them cost."""
    async with lead(temporal.client, FakeFarm({"lead": [NOTE] * 40 + [ANSWER]})) as job:
        await job.outcome()
        assert len(await job.histories()) > 1
        assert await shown(job) == pytest.approx(40 * TURN + LAST)


async def test_a_sub_agents_cost_is_in_its_askers(temporal):
    """As it is in its budget."""
    farm, scouts = FakeFarm({"lead": [ASK_SCOUT, ANSWER]}), FakeFarm({"scout": [FOUND]})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        await job.outcome()
        assert await shown(job) == pytest.approx(TURN + LAST + 0.2)


async def test_a_run_that_failed_shows_what_it_cost(temporal):
    """Where the money went is asked of those, too."""
    broken = ApplicationError("no such model", type="permanent", non_retryable=True)
    async with lead(temporal.client, FakeFarm({"lead": [NOTE, NOTE, broken]}), Limits(turns=9, cost_usd=9)) as job:
        with pytest.raises(WorkflowFailureError):
            await job.outcome()
        assert await shown(job) == pytest.approx(2 * TURN)
