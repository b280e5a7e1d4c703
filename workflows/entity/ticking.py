"""A schedule's time has come: its event goes to the entity's workflow, which is started where there is none.

A Temporal Schedule can start a workflow and not signal one, hence this one between: it is short, and calls nothing.
"""

from datetime import datetime

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from contracts import names
from contracts.events import Event
from contracts.search_attributes import AGENT_NAME, ENTITY_ID
from contracts.workflows import EntityState, Tick

# Set by Temporal's scheduler: when it was due, however late the start.
DUE_AT = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


@workflow.defn(name=names.TICK)
class FarmTick:
    @workflow.run
    async def run(self, tick: Tick) -> None:
        entity = names.entity_workflow_id(tick.agent, tick.entity)
        event = event_of(tick, workflow.info().typed_search_attributes.get(DUE_AT) or workflow.info().start_time)
        while not (await _signalled(entity, event) or await _started(entity, tick, event)):
            pass  # it came, or went, between the two


def event_of(tick: Tick, due_at: datetime) -> Event:
    """The same for the same time: caught up or started twice, it counts once."""
    return Event(
        id=f"{names.schedule_id(tick.agent, tick.schedule)}:{due_at.isoformat()}",
        source="schedule",
        kind=f"schedule.{tick.schedule}",
        entity=tick.entity,
        occurred_at=due_at,
        actor=f"agent:{tick.agent}",
        summary=tick.summary,
    )


async def _signalled(entity: str, event: Event) -> bool:
    """False where no such workflow runs."""
    try:
        await workflow.get_external_workflow_handle(entity).signal(names.EVENT, event)
    except FailureError:
        return False
    return True


async def _started(entity: str, tick: Tick, event: Event) -> bool:
    """False where somebody else has just started it."""
    found_by = [SearchAttributePair(AGENT_NAME, tick.agent), SearchAttributePair(ENTITY_ID, str(tick.entity))]
    try:
        started = await workflow.start_child_workflow(
            tick.entity_workflow,
            EntityState(agent=tick.agent, entity=tick.entity),
            id=entity,
            parent_close_policy=ParentClosePolicy.ABANDON,
            search_attributes=TypedSearchAttributes(found_by),
            static_summary=f"{tick.agent} looks after {tick.entity}",
        )
    except WorkflowAlreadyStartedError:
        return False
    await started.signal(names.EVENT, event)
    return True
