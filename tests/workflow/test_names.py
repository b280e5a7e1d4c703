"""A run's name tells whose calls it makes, so it begins under the right one or not at all."""

import uuid

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.worker import Worker

from contracts.events import EntityRef
from contracts.workflows import RunInput
from tests.fakes import FakeFarm
from tests.workflow.team import LeadRun
from workers.workflow_code import sandbox


@pytest.mark.parametrize("name", ["by-hand", "lead:deal:43/run-1", "scout:deal:42/run-1"])
async def test_a_run_under_a_strange_name_does_nothing(temporal, name):
    """Nothing is asked or done in another's name; its record says how it is to be called."""
    farm = FakeFarm({})
    job = RunInput(agent="lead", entity=EntityRef(kind="deal", id="42"), number=1, events=())
    queue = f"test-{uuid.uuid4()}"
    worker = Worker(
        temporal.client,
        task_queue=queue,
        workflows=[LeadRun],
        activities=farm.activities,
        workflow_runner=sandbox(strict=True),
    )
    async with worker:
        with pytest.raises(WorkflowFailureError) as raised:
            await temporal.client.execute_workflow("LeadRun", job, id=name, task_queue=queue)
    assert "no name for a run of lead for deal:42: lead:deal:42/run-1 would be" in str(raised.value.cause)
    assert [record.status for record in farm.runs] == ["failed"]
    assert (farm.orders, farm.model_calls) == ([], [])
