"""Sub-agents: child workflows in their own pool, paid by who asks, answered by reference, stopped with it."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from contracts.agents import Limits
from tests.fakes import FakeFarm, says, uses
from tests.workflow.conftest import until
from tests.workflow.teamwork import ROOMY, lead, server

ANSWER = says('{"text": "forty-two"}')
FOUND = says('{"text": "blue"}', cost_usd=0.2)
READ = uses(("crm__search_notes", {"deal_id": 42}))


def ask(*tasks: str, agent: str = "scout"):
    return uses(*(("farm__delegate", {"agent": agent, "task": task}) for task in tasks))


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


async def test_a_task_is_done_in_another_pool(temporal):
    """The scout's own run does it, under a name of its own; its report comes back as a reference."""
    farm, scouts = FakeFarm({"lead": [ask("Which colour?"), ANSWER]}), FakeFarm({"scout": [READ, FOUND]})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        outcome = await job.outcome()
        assert outcome.report == {"text": "forty-two"}
        (result,) = farm.model_calls[1].results
        assert (result.is_error, result.text) == (False, "")
        assert json.loads(scouts.texts[result.ref]) == {"text": "blue"}
        assert scouts.model_calls[0].say == "Which colour?"
        assert {call.site.run for call in scouts.model_calls} == {f"{job.run.id}/orchestrate-1.1:scout"}
        assert {call.site.agent for call in scouts.model_calls} == {"scout"}


async def test_the_model_is_told_whom_it_may_ask(temporal):
    """The tool's description names each sub-agent and what it is for; an agent without any has no such tool."""
    farm, scouts = FakeFarm({"lead": [ask("Look"), ANSWER]}), FakeFarm({"scout": [FOUND]})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        await job.outcome()
        (tool,) = [each for each in farm.orders[0].farm_tools if each["name"] == "farm__delegate"]
        assert "- scout: Reading. Answers what it read." in tool["description"]
        assert "farm__delegate" not in {each["name"] for each in scouts.orders[0].farm_tools}


async def test_what_a_sub_agent_spends_is_its_asker_s(temporal):
    """Money and tokens add up above; the asker's limit then stops the asker."""
    farm, scouts = FakeFarm({"lead": [ask("One", "Two"), ANSWER]}), FakeFarm({"scout": [FOUND, FOUND]})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        outcome = await job.outcome()
        assert outcome.used.cost_usd == pytest.approx(0.01 + 0.001 + 0.2 + 0.2)
        assert outcome.used.turns == 2


async def test_a_sub_agent_gets_no_more_than_is_left(temporal):
    """With 30 cents left of its asker's, the scout that may use 50 stops at 30 and asks."""
    farm = FakeFarm({"lead": [ask("Look"), ANSWER]})
    scouts = FakeFarm({"scout": [uses(("crm__search_notes", {"deal_id": 42}), cost_usd=0.31), FOUND]})
    async with lead(temporal.client, farm, Limits(turns=9, cost_usd=0.31), scouts=scouts) as job:

        async def asked():
            return next(iter(scouts.approvals.values()), None)

        record = await until(asked, "the scout did not ask")
        assert record.request.arguments == {"reached": "$0.3100 spent of $0.30"}
        await job.run.cancel()


async def test_nobody_is_sent_on_an_empty_purse(temporal):
    """What siblings hold already isn't lent twice: the third of three tasks is refused, and the model told why."""
    farm = FakeFarm({"lead": [ask("One", "Two", "Three"), ANSWER]})
    scouts = FakeFarm({"scout": [FOUND, FOUND]}, slow_s=0.5)
    async with lead(temporal.client, farm, Limits(turns=9, cost_usd=1.01), scouts=scouts) as job:
        await job.outcome()
        results = farm.model_calls[1].results
        assert [each.is_error for each in results] == [False, False, True]
        assert "nothing left for a sub-agent" in results[2].text


async def test_only_so_many_work_at_once(temporal):
    """Of six tasks asked at once two are worked on at a time, and all get done."""
    tasks = [f"Task {number}" for number in range(6)]
    farm, scouts = FakeFarm({"lead": [ask(*tasks), ANSWER]}), FakeFarm({"scout": [FOUND] * 6}, slow_s=0.2)
    async with lead(temporal.client, farm, ROOMY.model_copy(update={"sub_agents": 2}), scouts=scouts) as job:
        await job.outcome()
        assert scouts.most_at_once == 2
        assert sorted(call.say for call in scouts.model_calls) == tasks
        assert not any(each.is_error for each in farm.model_calls[1].results)


async def test_a_failed_task_is_told_and_paid(temporal):
    """The model hears why; what the failed run had spent, by the ledger, counts above."""
    farm, scouts = FakeFarm({"lead": [ask("Look"), ANSWER]}), FakeFarm({"scout": [says("no json")] * 3})
    async with lead(temporal.client, farm, scouts=scouts) as job:
        outcome = await job.outcome()
        told = farm.model_calls[-1].results[0]
        assert told.is_error
        assert "scout failed: AnswerUnusable: orchestrate: the model gave no valid Answer" in told.text
        assert outcome.used.cost_usd == pytest.approx(0.01 + 0.001 + farm.ledger_usd)


async def test_an_unknown_sub_agent_is_told(temporal):
    """With the names of those that there are."""
    farm = FakeFarm({"lead": [ask("Look", agent="spy"), ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.outcome()
        assert farm.model_calls[1].results[0].text == "There is no sub-agent 'spy'. There is: scout."


async def test_who_asked_is_stopped_and_so_are_they(temporal):
    """Cancelled from above, a scout leaves in order before its asker ends: no question of it stays open."""
    farm = FakeFarm({"lead": [ask("Write to him"), ANSWER]})
    mail = ("crm__send_mail", {"deal_id": 42, "to": "j@b.example", "subject": "Devis", "body": "Bonjour"})
    scouts = FakeFarm({"scout": [uses(mail)]})
    async with lead(temporal.client, farm, scouts=scouts) as job:

        async def asked():
            return next(iter(scouts.approvals.values()), None)

        question = (await until(asked, "the scout did not ask")).request
        await asyncio.sleep(0.3)
        await job.run.cancel()
        with pytest.raises(WorkflowFailureError):
            await job.outcome()
        scout = temporal.client.get_workflow_handle(f"{job.run.id}/orchestrate-1.1:scout")
        assert (await scout.describe()).status == WorkflowExecutionStatus.CANCELED
        assert scouts.approvals[question.id].status == "withdrawn"
        assert (scouts.runs[-1].status, farm.runs[-1].status) == ("failed", "failed")
