"""An event, handed to the workflow of its entity. Once this returns, Temporal has it."""

import asyncio
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from contracts.agents import AgentSpec
from contracts.events import Event
from contracts.names import EVENT, entity_workflow_id, task_queue
from contracts.search_attributes import AGENT_NAME, ENTITY_ID
from contracts.workflows import EntityState

PATIENCE = timedelta(seconds=2)
"""A webhook's sender waits 10 s in all, and asks again; a signal that took is not counted twice then."""

SILENT = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})

# An invalid argument that isn't the event's fault: a cluster that wasn't set up, a workflow that has had its fill of
# signals until it goes on as new.
NOT_ITS_FAULT = ("search attribute", "exceeded workflow execution limit")


class NotDeliveredError(Exception):
    """Temporal did not take the event now, and may take it later; the message says why."""


class RefusedForGoodError(Exception):
    """Temporal won't ever take this event; the message says why."""


class Delivery:
    """Signals entity workflows, and starts those that don't run yet."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        self._client = client
        self._patience = patience
        self.away = False
        """Temporal didn't answer the last time. Whoever has another way needn't wait for it."""

    async def deliver(self, spec: AgentSpec, event: Event) -> str:
        """The id of the workflow that got the event. Raises NotDeliveredError or RefusedForGoodError."""
        workflow_id = entity_workflow_id(spec.name, event.entity)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await self._signal_with_start(workflow_id, spec, event)
        except TimeoutError as error:
            self.away = True
            raise NotDeliveredError(f"Temporal gave no answer within {self._patience.total_seconds():g} s") from error
        except RPCError as error:
            self.away = error.status in SILENT
            if _is_for_good(error):
                raise RefusedForGoodError(f"Temporal refused: {error}") from error
            raise NotDeliveredError(f"Temporal refused: {error}") from error
        except RuntimeError as error:  # the SDK's word for "can't connect"
            self.away = True
            raise NotDeliveredError(f"Temporal refused: {error}") from error
        self.away = False
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
            priority=Priority(fairness_key=spec.share.key(event)),
            rpc_timeout=self._patience,
        )


def _is_for_good(error: RPCError) -> bool:
    said = str(error).lower()
    return error.status is RPCStatusCode.INVALID_ARGUMENT and not any(each in said for each in NOT_ITS_FAULT)


def _search_attributes(spec: AgentSpec, event: Event) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [SearchAttributePair(AGENT_NAME, spec.name), SearchAttributePair(ENTITY_ID, str(event.entity))]
    )


class HurriedDelivery(Delivery):
    """For whoever can't wait as long. It knows of an outage what `patient` knows, and is no judge of one itself."""

    def __init__(self, client: Client, patience: timedelta, patient: Delivery) -> None:
        self._patient = patient
        super().__init__(client, patience)

    @property
    def away(self) -> bool:
        """As `patient` found it."""
        return self._patient.away

    @away.setter
    def away(self, away: bool) -> None:
        """An answer that didn't come so soon may yet have come."""
