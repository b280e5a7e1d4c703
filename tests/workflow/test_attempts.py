"""A run that fails is tried again, with the real activities over a real store: what it did stands, and isn't redone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.book import Book
from activities.kit import KitActivities
from activities.mcp import ToolServers
from activities.model import ModelActivities
from activities.records import RecordActivities
from activities.tools import ToolActivities
from contracts import names
from contracts.approvals import ApprovalRequest, Decision, Verdict
from contracts.events import EntityRef
from contracts.workflows import EntityState
from store.approvals import Approvals
from store.database import Database
from store.model_calls import ModelCalls
from store.runs import Runs
from tests.unit.activities.vendor import Vendor, refuses, says, uses
from tests.unit.activities.workshop import Workshop
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from tests.workflow.team import LeadDeal, LeadRun
from workers.workflow_code import sandbox

RUN = "lead:deal:42/run-1"
BOOK = Book(prompts={"orchestrate": "You lead."}, skills={})
ANSWER = says('{"text": "forty-two"}')


@pytest.fixture
async def db(tmp_path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/farm.db")
    await database.migrate()
    yield database
    await database.close()


@asynccontextmanager
async def deal_42(client: Client, db: Database, vendor: Vendor, workshop: Workshop) -> AsyncIterator[None]:
    """The deal's workflow with one event, and a worker that is all real but the vendor and the tool."""
    gateway, servers = vendor.gateway(), ToolServers({"crm": workshop.server(), "slack": workshop.server()})
    model, tools, records = ModelActivities(db, gateway), ToolActivities(db, servers), RecordActivities(db)
    kit = KitActivities(db, servers, {"lead": BOOK}, "C0SALES")
    activities: list[Any] = [kit.prepare_run, model.call_model, tools.call_tool, *records.all]
    worker = Worker(
        client,
        task_queue="lead",
        workflows=[LeadDeal, LeadRun],
        activities=activities,
        workflow_runner=sandbox(strict=True),
    )
    async with worker:
        await client.start_workflow(
            "LeadDeal",
            EntityState(agent="lead", entity=EntityRef(kind="deal", id="42")),
            id="lead:deal:42",
            task_queue="lead",
            start_signal=names.EVENT,
            start_signal_args=[deal_event(1)],
        )
        yield
    await gateway.close()


async def until_done(db: Database) -> None:
    async def done() -> bool | None:
        record = await Runs(db).get(RUN)
        return (record is not None and record.status == "done") or None

    await until(done, "the run did not end well")


async def test_a_second_attempt_goes_on_from_the_record(temporal: WorkflowEnvironment, db):
    """The vendor refuses the second turn for good; the next attempt asks that turn alone, and one note is there."""
    vendor = Vendor(uses("toolu_1", "crm__add_note", content="wants blue"), refuses(401), ANSWER)
    workshop = Workshop()
    async with deal_42(temporal.client, db, vendor, workshop):
        await temporal.sleep(timedelta(minutes=5))
        await until_done(db)
    assert workshop.notes == ["wants blue"]
    assert len(vendor.asked) == 3
    assert vendor.asked[1]["messages"] == vendor.asked[2]["messages"]
    assert [call.step for call in await ModelCalls(db).of_run(RUN)] == ["orchestrate-1", "orchestrate-2"]


async def test_what_a_person_decided_holds_in_the_next_attempt(temporal: WorkflowEnvironment, db):
    """A rejected mail isn't asked about again."""
    vendor = Vendor(uses("toolu_1", "crm__get_deal", deal_id=42), refuses(401), ANSWER)
    vendor.script[0] = uses("toolu_1", "crm__send_offer", content="Bonjour")
    async with deal_42(temporal.client, db, vendor, Workshop()):
        await temporal.sleep(timedelta(seconds=40))
        run = temporal.client.get_workflow_handle(RUN)

        async def asked() -> ApprovalRequest | None:
            return next(iter(await run.query(names.APPROVALS, result_type=list[ApprovalRequest])), None)

        question = await until(asked, "no question was asked")
        await run.signal(names.DECIDE, Decision(approval=question.id, verdict=Verdict.REJECT, reason="too early"))
        await temporal.sleep(timedelta(minutes=5))
        await until_done(db)
    (record,) = await Approvals(db).of_run(RUN)
    assert (record.status, record.decision.reason) == ("rejected", "too early")
    told = vendor.asked[2]["messages"][2]["content"][0]["content"]
    assert "too early" in told
