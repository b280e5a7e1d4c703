"""A run as its entity has it: started as a child in its turn, told what interrupts it, waited for."""

import asyncio
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import FailureError

from contracts import names
from contracts.agents import AgentSpec
from contracts.events import Event
from contracts.search_attributes import AGENT_NAME, ENTITY_ID
from contracts.workflows import RunInput, RunOutcome
from telemetry.spans import event_context

Run = workflow.ChildWorkflowHandle[Any, RunOutcome]

# Of Temporal's five levels, where 3 is everybody's: https://docs.temporal.io/develop/task-queue-priority-fairness
FIRST = 2


async def execute(spec: AgentSpec, job: RunInput, name: str, to_pass_on: list[Event]) -> RunOutcome:
    """The run called so, to its end. What is put into `to_pass_on` meanwhile it hears, and it is taken out."""
    run = await _started(spec, job, name)
    passing_on = asyncio.create_task(_pass_on(run, to_pass_on))
    outcome: RunOutcome = await run
    await passing_on
    return outcome


async def _started(spec: AgentSpec, job: RunInput, name: str) -> Run:
    entity = str(job.entity)
    found_by = [SearchAttributePair(AGENT_NAME, spec.name), SearchAttributePair(ENTITY_ID, entity)]
    with event_context(job.events[0].traceparent, agent=spec.name, entity=entity, run=name):
        return await workflow.start_child_workflow(
            spec.run_workflow,
            job,
            id=name,
            result_type=RunOutcome,
            search_attributes=TypedSearchAttributes(found_by),
            static_summary=f"{spec.name}: {len(job.events)} events on {entity}",
            # All that the run calls has it too, its sub-agents included.
            priority=_priority(spec, job.events),
        )


def _priority(spec: AgentSpec, events: tuple[Event, ...]) -> Priority:
    """Where the pool is behind: what is urgent first, and then each entity or tenant in its turn."""
    level = FIRST if any(map(spec.is_urgent, events)) else None
    return Priority(priority_key=level, fairness_key=spec.share.key(events[-1]))


async def _pass_on(run: Run, events: list[Event]) -> None:
    """Until the run is over. An event stays in the entity's inbox until then, whatever becomes of it here."""
    while True:
        await workflow.wait_condition(lambda: bool(events) or run.done())
        if run.done():
            return
        with suppress(FailureError):  # The run ended just now: the event waits for the next.
            await run.signal(names.NEWS, events.pop(0))
