"""What a terminated or reset deal had taken, brought back: on a real server, from a real store."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.records import RecordActivities
from contracts.calls import RunRecord
from contracts.events import EntityRef, Event
from contracts.names import task_queue
from ops.errors import FarmError
from ops.intake import WhoWeAre, doors, intake
from ops.recovering import Entity, recover
from ops.redriving import hand_over
from store.database import Database
from store.dead_letters import DeadLetters
from store.runs import Runs
from tests.integration.ops.toy import HOLD, HeldDeal, HeldRun
from tests.workflow.conftest import until
from tests.workflow.teamwork import server
from workflows.sales.agent import SALES

pytestmark = pytest.mark.slow


@dataclass
class Deal:
    """One deal, its events and its runs."""

    client: Client
    db: Database
    id: str

    async def take(self, *ids: str, summary: str = "") -> None:
        for each in ids:
            event = Event(
                id=each,
                source="billing",
                kind="deal.change",
                entity=EntityRef(kind="deal", id=self.id),
                occurred_at=datetime.now(UTC),
                summary=summary,
            )
            assert (await intake(self.client, self.db).take(event, (SALES,))).outcome == "accepted"

    async def runs(self, count: int, status: str) -> None:
        async def there() -> bool | None:
            found = await Runs(self.db).of_entity(f"deal:{self.id}")
            return (len(found) >= count and found[0].status == status) or None

        await until(there, f"run {count} is not {status}")

    async def recover(self) -> list[tuple[str, list[object]]]:
        letters = await recover(
            self.client, self.db, Entity("sales", f"deal:{self.id}"), datetime.now(UTC) - timedelta(days=1)
        )
        return told(letters)

    @property
    def name(self) -> str:
        return f"sales:deal:{self.id}"


def told(letters: Sequence[RunRecord]) -> list[tuple[str, list[object]]]:
    return [(each.run.rpartition("/")[2], [event["id"] for event in each.events]) for each in letters]


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[Client]:
    async with server() as env:
        yield env.client


@pytest.fixture
async def deal(temporal: Client, tmp_path: Path) -> AsyncIterator[Deal]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await db.migrate()
    activities = RecordActivities(db).all
    async with Worker(temporal, task_queue=task_queue("sales"), workflows=[HeldDeal, HeldRun], activities=activities):
        yield Deal(temporal, db, str(uuid.uuid4().int)[:12])
    await db.close()


async def test_what_waited_in_a_terminated_deal_becomes_a_dead_letter(deal: Deal) -> None:
    """Without what its runs had; asked for again nothing; redriven it is one run of the deal, which begins anew."""
    await deal.take("e1")
    await deal.runs(1, "done")
    await deal.take("e2", "e3")
    await deal.client.get_workflow_handle(deal.name).terminate()
    assert await deal.recover() == [("run-2", ["e2", "e3"])]
    assert await deal.recover() == []
    (letter,) = await DeadLetters(deal.db).waiting()
    async with doors(deal.client, deal.db, WhoWeAre()) as door:
        await hand_over(DeadLetters(deal.db), letter, "claire", door)
    await deal.runs(3, "done")
    assert told(await Runs(deal.db).of_entity(f"deal:{deal.id}"))[0] == ("run-3", ["redrive-2:e2", "redrive-2:e3"])
    assert await deal.recover() == []


async def test_a_run_that_went_down_with_its_deal_is_a_dead_letter_of_its_own(deal: Deal) -> None:
    """It may have done something already: it is told apart from what waited behind it."""
    await deal.take("e1", summary=HOLD)
    await deal.runs(1, "running")
    await deal.take("e2")
    await deal.client.get_workflow_handle(deal.name).terminate()
    assert await deal.recover() == [("run-1", ["e1"]), ("run-2", ["e2"])]
    (cut, _) = await DeadLetters(deal.db).waiting()
    assert "terminated in thinking" in cut.reason


async def test_a_deal_that_has_events_in_hand_is_left_alone(deal: Deal) -> None:
    """What waits in it can't be told from what is lost; and a run at work is no lost one."""
    await deal.take("e1")
    with pytest.raises(FarmError, match="is alive, and has events that wait for their run: 1"):
        await deal.recover()
    await deal.runs(1, "done")
    await deal.take("e2", summary=HOLD)
    await deal.runs(2, "running")
    assert await deal.recover() == []


async def test_what_a_reset_took_from_a_living_deal_comes_back(deal: Deal) -> None:
    """Reset to its start without its signals: it is alive and knows of nothing."""
    await deal.take("e1")
    await deal.runs(1, "done")
    handle = deal.client.get_workflow_handle(deal.name)
    described = await handle.describe()
    completed = [
        event.event_id
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    await deal.take("e2")
    await deal.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=deal.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=deal.name, run_id=described.run_id),
            reason="by mistake",
            workflow_task_finish_event_id=completed[-1],
            request_id=str(uuid.uuid4()),
            reset_reapply_exclude_types=[ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
        )
    )
    assert await deal.recover() == [("run-2", ["e2"])]


async def test_a_deal_that_nobody_knows_lost_nothing(deal: Deal) -> None:
    """No workflow, no events."""
    assert await deal.recover() == []
