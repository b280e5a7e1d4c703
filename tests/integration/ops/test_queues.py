"""The bounds of Temporal's queues, made what the agents declare."""

import shutil
from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue, TaskQueueConfig
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from contracts.agents import AgentSpec, Share
from ops.errors import FarmError
from ops.places import ROOT
from ops.queues import settle

TOY = AgentSpec(name="toy", run_workflow="-", tool_servers=())


def sharing(**bounds: float) -> AgentSpec:
    return TOY.model_copy(update={"share": Share(**bounds)})


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    temporal = shutil.which("temporal", path=str(ROOT / ".venv/bin"))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=temporal) as local:
        yield local.client


async def known(client: Client) -> TaskQueueConfig:
    """What the server knows of the toy's calls."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name="agent-toy"),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            report_config=True,
        )
    )
    return answer.config


async def test_what_an_agent_declares_is_what_temporal_keeps_to(client):
    """Of the whole pool, and of each in its turn."""
    await settle(client, [sharing(calls_per_second=50, calls_per_second_each=5)])
    config = await known(client)
    assert config.queue_rate_limit.rate_limit.requests_per_second == 50
    assert config.fairness_keys_rate_limit_default.rate_limit.requests_per_second == 5


async def test_a_bound_no_longer_declared_is_taken_away(client):
    """Settled again, as at each start of the stack."""
    await settle(client, [sharing(calls_per_second=50, calls_per_second_each=5)])
    await settle(client, [sharing(calls_per_second=20)])
    config = await known(client)
    assert config.queue_rate_limit.rate_limit.requests_per_second == 20
    assert not config.fairness_keys_rate_limit_default.HasField("rate_limit")


async def test_what_temporal_refuses_is_told(client):
    """With the queue, and the server's word."""
    elsewhere = await Client.connect(client.service_client.config.target_host, namespace="nowhere")
    with pytest.raises(FarmError, match=r"refuses the bounds of agent-toy: .*nowhere"):
        await settle(elsewhere, [TOY])
