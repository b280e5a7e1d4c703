"""An event, handed to the workflow of its entity. Once this returns, Temporal has it."""

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError

from contracts.agents import AgentSpec
from contracts.events import Event
from contracts.names import EVENT, entity_workflow_id, task_queue
from contracts.search_attributes import AGENT_NAME, ENTITY_ID
from contracts.workflows import EntityState

PATIENCE = timedelta(seconds=2)
"""A webhook's sender waits 10 s in all, and asks again; a signal that took is not counted twice then."""


class NotDeliveredError(Exception):
    """Temporal did not take the event in time; the message says why."""


class Delivery:
    """Signals entity workflows, and starts those that don't run yet."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience

    async def deliver(self, spec: AgentSpec, event: Event) -> str:
        """The id of the workflow that got the event. Raises NotDeliveredError."""
        workflow_id = entity_workflow_id(spec.name, event.entity)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await self._signal_with_start(workflow_id, spec, event)
        except TimeoutError as error:
            raise NotDeliveredError(f"Temporal gave no answer within {self._patience.total_seconds():g} s") from error
        except (RPCError, RuntimeError) as error:  # RuntimeError: the SDK's word for "can't connect"
            raise NotDeliveredError(f"Temporal refused: {error}") from error
        return workflow_id

    async def _signal_with_start(self, workflow_id: str, spec: AgentSpec, event: Event) -> None:
        await self._client.start_workflow(
            spec.entity_workflow,
            EntityState(agent=spec.name, entity=event.entity),
            id=workflow_id,
            task_queue=task_queue(spec.name),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=EVENT,
            start_signal_args=[event],
            search_attributes=_search_attributes(spec, event),
            static_summary=f"{spec.name} looks after {event.entity}",
            rpc_timeout=self._patience,
        )


def _search_attributes(spec: AgentSpec, event: Event) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [SearchAttributePair(AGENT_NAME, spec.name), SearchAttributePair(ENTITY_ID, str(event.entity))]
    )
