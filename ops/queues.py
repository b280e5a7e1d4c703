"""`python -m ops.queues`: make the bounds of Temporal's task queues what the agents declare, and end.

A bound that an agent doesn't declare (any more) is taken away. What an operator sets by hand with
`temporal task-queue config set` holds until the next time this runs.
"""

import os
from collections.abc import Iterable

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import RateLimit
from temporalio.api.workflowservice.v1 import UpdateTaskQueueConfigRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import AgentSpec
from contracts.names import task_queue
from ops.connections import Addresses, temporal
from ops.errors import FarmError
from ops.leaving import carry_out
from workflows.registry import AGENTS

REASON = "declared by the agent"


async def settle(client: Client, agents: Iterable[AgentSpec]) -> None:
    """FarmError where Temporal refuses a bound; a server too old to know of any is one without, if none is declared."""
    for spec in agents:
        try:
            await client.workflow_service.update_task_queue_config(wanted(client.namespace, spec))
        except RPCError as error:
            if error.status is RPCStatusCode.UNIMPLEMENTED and not _bounded(spec):
                continue
            raise FarmError(
                f"Temporal refuses the bounds of {task_queue(spec.name)}: {error.message}",
                "They need a server of 1.29 or later: or take `calls_per_second` out of the agent's `share`.",
            ) from error


def wanted(namespace: str, spec: AgentSpec) -> UpdateTaskQueueConfigRequest:
    """What Temporal is to know of an agent's queue. Pure."""
    return UpdateTaskQueueConfigRequest(
        namespace=namespace,
        identity="farm",
        task_queue=task_queue(spec.name),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        update_queue_rate_limit=_bound(spec.share.calls_per_second),
        update_fairness_key_rate_limit_default=_bound(spec.share.calls_per_second_each),
    )


def _bound(per_second: float | None) -> UpdateTaskQueueConfigRequest.RateLimitUpdate:
    """Without a rate it takes the bound away."""
    rate = RateLimit(requests_per_second=per_second) if per_second else None
    return UpdateTaskQueueConfigRequest.RateLimitUpdate(rate_limit=rate, reason=REASON)


def _bounded(spec: AgentSpec) -> bool:
    return bool(spec.share.calls_per_second or spec.share.calls_per_second_each)


async def _main() -> None:
    client = await temporal(Addresses(store_url="", temporal_address=os.environ["TEMPORAL_ADDRESS"]))
    await settle(client, AGENTS)


if __name__ == "__main__":
    carry_out(_main())
