"""What Temporal's server knows of a run: how it ended, how large its history is. The Temporal SDK alone."""

from collections.abc import AsyncIterator
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistoryEventFilterType,
)

SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
COMPLETED = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED


async def outcome_of(handle: WorkflowHandle[Any, Any]) -> str:
    """Wait for a run's end: `completed`, or how it ended and why."""
    try:
        await handle.result()
    except WorkflowFailureError as failure:
        status = (await handle.describe()).status or WorkflowExecutionStatus.FAILED
        cause: BaseException = failure
        while cause.__cause__ is not None:
            cause = cause.__cause__
        by = " by the server" if status is WorkflowExecutionStatus.TERMINATED else ""
        return f"{status.name.lower()}{by}: {cause}"
    return "completed"


async def size_of(client: Client, workflow_id: str, first_run: str) -> tuple[int, int]:
    """History bytes and events of a run, over all the histories that it was continued in."""
    size = events = 0
    async for each in _histories(client, workflow_id, first_run):
        info = each.raw_description.workflow_execution_info
        size, events = size + info.history_size_bytes, events + info.history_length
    return size, events


async def turns_of(client: Client, workflow_id: str, first_run: str, tool_activity: str) -> int:
    """How many tool calls were completed: how far a run came that the server ended."""
    done = 0
    async for each in _histories(client, workflow_id, first_run):
        ours: set[int] = set()
        async for event in client.get_workflow_handle(workflow_id, run_id=each.run_id).fetch_history_events():
            if event.event_type == SCHEDULED:
                if tool_activity in event.activity_task_scheduled_event_attributes.activity_type.name:
                    ours.add(event.event_id)
            elif event.event_type == COMPLETED:
                done += event.activity_task_completed_event_attributes.scheduled_event_id in ours
    return done


async def _histories(client: Client, workflow_id: str, run_id: str) -> AsyncIterator[WorkflowExecutionDescription]:
    """A run's histories, the first one first."""
    while run_id:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        described = await handle.describe()
        yield described
        run_id = ""
        if described.status is WorkflowExecutionStatus.CONTINUED_AS_NEW:
            closing = handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT)
            async for event in closing:
                run_id = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
