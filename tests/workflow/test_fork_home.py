"""A fork's workflow stays at home, whatever its code would do."""

import uuid

from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from ops.fork.home import AtHome
from tests.workflow.wanderer import Errand, Wanderer
from workers.workflow_code import sandbox


@activity.defn
async def where() -> str:
    return activity.info().task_queue


async def test_nothing_is_started_or_told_elsewhere(temporal: WorkflowEnvironment):
    """Children and activities meant for another pool come to the fork's own queue; a stranger isn't signalled."""
    queue = f"fork-{uuid.uuid4().hex[:6]}"
    worker = Worker(
        temporal.client,
        task_queue=queue,
        workflows=[Wanderer, Errand],
        activities=[where],
        workflow_runner=sandbox(),
        interceptors=[AtHome()],
    )
    async with worker:
        found = await temporal.client.execute_workflow(Wanderer.run, id=queue, task_queue=queue)
    assert found == [queue, queue, "a fork signals nobody: hello to stranger"]
