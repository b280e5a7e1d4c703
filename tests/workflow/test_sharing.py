"""A pool that is behind: whose turn it is, on a real server that deals work out in turns."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.common.v1 import Priority
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts import names
from contracts.events import Event
from starter.intake.delivery import Delivery
from tests.fakes import FakeFarm, says
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from tests.workflow.team import LEAD, LeadDeal, LeadRun
from tests.workflow.teamwork import server
from workers.workflow_code import sandbox

pytestmark = pytest.mark.slow

NOISY, QUIET = 60, 1
ANSWER = says('{"text": "forty-two"}')


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


def of(tenant: str, deal: int) -> Event:
    return deal_event(1, deal=f"{tenant}-{deal}").model_copy(update={"tenant": tenant})


async def test_a_noisy_tenant_does_not_starve_a_quiet_one(temporal):
    """Sixty deals of one tenant were there first; the one deal of another doesn't wait for a quarter of them."""
    farm = FakeFarm({"lead": [ANSWER] * (NOISY + QUIET)})
    farm.tool_slow_s["crm__get_deal"] = 0.2
    door = Delivery(temporal.client)
    for deal in range(NOISY):
        await door.deliver(LEAD, of("noisy", deal))
    await door.deliver(LEAD, of("quiet", 1))
    pool = Worker(
        temporal.client,
        task_queue=names.task_queue("lead"),
        workflows=[LeadDeal, LeadRun],
        activities=farm.activities,
        workflow_runner=sandbox(strict=True),
        max_concurrent_activities=1,
    )

    def done() -> list[str]:
        return [record.entity for record in farm.runs if record.status == "done"]

    async def all_done() -> bool | None:
        return len(done()) == NOISY + QUIET or None

    async with pool:
        await until(all_done, "not all were served")
    assert done().index("deal:quiet-1") < NOISY / 4, done()


async def priority_of_run(temporal: WorkflowEnvironment, event: Event) -> Priority:
    farm = FakeFarm({"lead": [ANSWER]})
    pool = Worker(
        temporal.client,
        task_queue=names.task_queue("lead"),
        workflows=[LeadDeal, LeadRun],
        activities=farm.activities,
        workflow_runner=sandbox(strict=True),
    )
    async with pool:
        entity = await Delivery(temporal.client).deliver(LEAD, event)
        run = temporal.client.get_workflow_handle(names.run_workflow_id(entity, 1))
        outcome = await until(run.result, "there was no run")
        assert outcome["status"] == "done"
        return (await run.describe()).raw_description.workflow_execution_info.priority


async def test_urgent_news_goes_first(temporal):
    """Its run goes ahead of the others where the pool is behind; in its tenant's turn all the same."""
    ordinary = await priority_of_run(temporal, of("usual", 1))
    urgent = await priority_of_run(temporal, of("usual", 2).model_copy(update={"kind": "deal.delete"}))
    assert (ordinary.priority_key, ordinary.fairness_key) == (0, "usual")
    assert (urgent.priority_key, urgent.fairness_key) == (2, "usual")
