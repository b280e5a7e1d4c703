"""Temporal's schedules, made what the agents declare; and what comes of one whose time has come."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from temporalio.client import Client, ScheduleActionStartWorkflow, ScheduleSpec
from temporalio.client import Schedule as TemporalSchedule
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from contracts.agents import AgentSpec, Schedule
from contracts.converter import data_converter
from contracts.events import EntityRef, Event
from contracts.search_attributes import ALL
from contracts.workflows import Tick
from ops.errors import FarmError
from ops.places import ROOT
from ops.schedules import settle
from tests.integration.ops.heard import Heard
from workers.workflow_code import sandbox
from workflows.entity.ticking import FarmTick, event_of

REVIEW = Schedule(
    name="review", cron="0 8 * * MON", entity=EntityRef(kind="report", id="weekly"), summary="Look at the week"
)
TOY = AgentSpec(name="toy", run_workflow="-", entity_workflow="Heard", tool_servers=(), schedules=(REVIEW,))
NAME = "schedule:toy:review"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A server of its own, and the toy's pool."""
    temporal = shutil.which("temporal", path=str(ROOT / ".venv/bin"))
    async with (
        await WorkflowEnvironment.start_local(
            dev_server_existing_path=temporal, data_converter=data_converter, search_attributes=list(ALL)
        ) as local,
        Worker(local.client, task_queue="agent-toy", workflows=[FarmTick, Heard], workflow_runner=sandbox()),
    ):
        yield local.client


async def heard(client: Client, number: int) -> list[Event]:
    """What the entity has, once it is so much."""
    entity = client.get_workflow_handle_for(Heard.run, "toy:report:weekly")
    async with asyncio.timeout(20):
        while True:
            try:
                events = await entity.query(Heard.heard, result_type=list[Event])
            except Exception:  # noqa: BLE001  it is not there yet
                events = []
            if len(events) >= number:
                return events
            await asyncio.sleep(0.1)


async def names_there(client: Client, *, wanted: set[str]) -> set[str]:
    """The list is told by visibility, which is a moment behind."""
    async with asyncio.timeout(20):
        while (there := {each.id async for each in await client.list_schedules()}) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return there


async def test_its_event_reaches_the_entity_whether_it_is_there_or_not(client: Client) -> None:
    """The first starts the entity's workflow, the second finds it."""
    await settle(client, [TOY])
    for number in (1, 2):
        await client.get_schedule_handle(NAME).trigger()
        events = await heard(client, number)
    assert {(event.kind, event.source, event.summary) for event in events} == {
        ("schedule.review", "schedule", "Look at the week")
    }
    assert all(event.id.startswith(f"{NAME}:20") for event in events)


async def test_declared_otherwise_it_is_updated_and_stays_paused(client: Client) -> None:
    """What somebody paused by hand isn't started again by a deploy."""
    await settle(client, [TOY])
    await client.get_schedule_handle(NAME).pause(note="holidays")
    noon = REVIEW.model_copy(update={"cron": "0 12 * * MON"})
    await settle(client, [TOY.model_copy(update={"schedules": (noon,)})])
    now = (await client.get_schedule_handle(NAME).describe()).schedule
    assert (now.state.paused, now.state.note) == (True, "holidays")
    assert {each.hour[0].start for each in now.spec.calendars} == {12}
    assert now.spec.time_zone_name == "Europe/Paris"


async def test_one_that_nobody_declares_is_deleted_and_others_are_left(client: Client) -> None:
    """A schedule of somebody else's on the same server is none of our business."""
    theirs = TemporalSchedule(
        action=ScheduleActionStartWorkflow("Theirs", id="theirs", task_queue="theirs"),
        spec=ScheduleSpec(cron_expressions=["0 0 1 1 *"]),
    )
    await client.create_schedule("theirs", theirs)
    await settle(client, [TOY])
    await names_there(client, wanted={"theirs", NAME})
    await settle(client, [TOY.model_copy(update={"schedules": ()})])
    assert await names_there(client, wanted={"theirs"})


async def test_a_wrong_cron_is_said(client: Client) -> None:
    """With the schedule that has it."""
    wrong = REVIEW.model_copy(update={"cron": "every monday"})
    with pytest.raises(FarmError, match=r"refuses schedule:toy:review"):
        await settle(client, [TOY.model_copy(update={"schedules": (wrong,)})])


def test_one_time_is_one_event() -> None:
    """Caught up after an outage, or started by hand for the same time, it counts once."""
    tick = Tick(agent="toy", entity_workflow="Heard", schedule="review", entity=REVIEW.entity, summary="x")
    due = datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert event_of(tick, due).id == event_of(tick, due).id == "schedule:toy:review:2026-01-05T08:00:00+00:00"


def test_an_agent_that_could_not_hear_them_declares_none() -> None:
    """One that only works for others has no entity's workflow."""
    with pytest.raises(ValidationError, match="no entity_workflow that could hear them"):
        AgentSpec(name="toy", run_workflow="-", tool_servers=(), schedules=(REVIEW,))
