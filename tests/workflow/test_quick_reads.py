"""A read that its server declares quick costs one event of history; one that isn't after all costs no answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from tests.fakes import FakeFarm, says, uses
from tests.workflow.teamwork import Job, lead, server

ANSWER = says('{"text": "forty-two"}')
GLANCE = uses(("crm__glance", {"deal_id": 42}))
READ = uses(("crm__search_notes", {"deal_id": 42}))


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as env:
        yield env


async def activities(job: Job) -> list[str]:
    """The summaries of the activities in the run's histories that are no model calls."""
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    events: list[Any] = [event for history in await job.histories() for event in history]
    found = [event for event in events if event.event_type == scheduled]
    return [
        event.user_metadata.summary.data.decode()
        for event in found
        if event.activity_task_scheduled_event_attributes.activity_type.name == "call_tool"
    ]


async def test_a_quick_read_is_a_local_activity(temporal):
    """Its answer reaches the model as any other's does; a read that isn't declared quick is an activity."""
    farm = FakeFarm({"lead": [GLANCE, READ, ANSWER]})
    async with lead(temporal.client, farm) as job:
        await job.outcome()
        assert [call.tool for call in farm.tool_calls] == ["get_deal", "glance", "search_notes"]
        assert await activities(job) == ['"triage-read: get_deal"', '"orchestrate-2.1: search notes: deal_id 42"']
        assert [each.ref for each in farm.model_calls[1].results] == ["r-orchestrate-1.1"]


async def test_a_quick_read_that_takes_long_becomes_an_activity(temporal):
    """It holds its workflow task for a second at most."""
    farm = FakeFarm({"lead": [GLANCE, ANSWER]})
    farm.tool_slow_s["crm__glance"] = 1.3
    async with lead(temporal.client, farm) as job:
        await job.outcome()
        assert '"orchestrate-1.1: glance: deal_id 42"' in await activities(job)
        assert [(each.ref, each.is_error) for each in farm.model_calls[1].results] == [("r-orchestrate-1.1", False)]


async def test_a_quick_read_that_fails_in_passing_is_tried_as_any_other(temporal):
    """With back-off, in an activity that can be seen."""
    farm = FakeFarm({"lead": [GLANCE, ANSWER]})
    trouble = ApplicationError("passing: away", type="passing")
    farm.tool_troubles["crm__glance"] = trouble

    async def mended() -> None:
        farm.tool_troubles.clear()

    farm.after_trouble = mended
    async with lead(temporal.client, farm) as job:
        await job.outcome()
        assert '"orchestrate-1.1: glance: deal_id 42"' in await activities(job)
        assert [each.is_error for each in farm.model_calls[1].results] == [False]
