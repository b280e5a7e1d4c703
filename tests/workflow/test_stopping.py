"""Stopping a run whose call is under way, over real HTTP: the call ends too, and nothing is left looking done."""

import asyncio
import time
import uuid
import zlib
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import Worker

from activities.mcp import ToolServers
from activities.model import ModelActivities
from activities.settling import SettlingActivities
from activities.tools import ToolActivities
from contracts import names
from contracts.agents import Kit
from contracts.calls import ToolCall, ToolReply
from contracts.events import EntityRef
from contracts.workflows import EntityState
from gateway.calls.client import Gateway
from store.database import Database
from store.effects import Effects
from store.kits import Kits
from store.tables import BlobRow
from tests.fakes import FakeFarm, uses
from tests.station import SlowGateway, Station
from tests.workflow.conftest import started
from tests.workflow.events import deal_event
from tests.workflow.test_sales_run import REPORT, script
from workers.pool import CANCEL_SEEN_WITHIN
from workers.workflow_code import agent_workflows, sandbox

NOTE = {"deal_id": 42, "content": "x"}
SOON_S = 10.0
"""The heartbeat timeout: what a dead worker takes to be noticed, a live one must stay well within."""


@pytest.fixture
async def db(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
def on_a_deal_with(temporal):
    """A deal's workflow, with real activities in place of some of a FakeFarm's."""

    async def opened(farm: FakeFarm, *real):
        replaced = {each.__name__ for each in real}
        worker = Worker(
            temporal.client,
            task_queue=f"test-{uuid.uuid4()}",
            workflows=list(agent_workflows("sales")),
            activities=[*real, *(each for each in farm.activities if each.__name__ not in replaced)],
            workflow_runner=sandbox(strict=True),
            max_heartbeat_throttle_interval=CANCEL_SEEN_WITHIN,
        )
        return worker, await started(
            temporal, EntityState(agent="sales", entity=EntityRef(kind="deal", id="42")), worker.task_queue
        )

    return opened


class RealNotes:
    """Notes go to a real tool server; all other tools are the farm's."""

    def __init__(self, farm: FakeFarm, tools: ToolActivities) -> None:
        self._farm = farm
        self._tools = tools
        self.keys: list[str] = []

    @activity.defn(name=names.CALL_TOOL)
    async def call_tool(self, call: ToolCall) -> ToolReply:
        if call.tool != "add_note":
            return await self._farm.call_tool(call)
        self.keys.append(call.effect_key)
        return await self._tools.call_tool(call)


async def keep(db, texts: dict[str, str]) -> None:
    """Put texts under the names by which a FakeFarm's kit has them."""
    async with db.session() as session:
        session.add_all(BlobRow(ref=ref, body=zlib.compress(text.encode())) for ref, text in texts.items())


async def stopped(deal, call) -> float:
    """Stop the run while its call is under way; the seconds until the call's server heard of it."""
    await deal.tell(deal_event(1, stage_id=2))
    await deal.env.sleep(timedelta(seconds=21))  # while the call lasts, no time is skipped
    await asyncio.wait_for(call.under_way.wait(), 20)
    began = time.monotonic()
    await deal.first_run.cancel()
    await asyncio.wait_for(call.stopped.wait(), 30)
    heard = time.monotonic() - began

    await deal.ended(1)
    assert (await deal.first_run.describe()).status == WorkflowExecutionStatus.CANCELED
    return heard


@pytest.mark.slow
async def test_a_tool_call_is_stopped_with_its_run(on_a_deal_with, db):
    """Closed at its server within a heartbeat, in doubt in the journal with the reason, the run's record closed."""
    station, farm = Station(), script(uses(("crm__add_note", NOTE)), REPORT)
    servers = ToolServers({"crm": station.url})
    notes = RealNotes(farm, ToolActivities(db, servers))
    worker, deal = await on_a_deal_with(farm, notes.call_tool, SettlingActivities(db).settle_effect)
    async with station.running(), worker:
        assert await stopped(deal, station.note) < SOON_S
        (key,) = notes.keys
        standing = await Effects(db).give_up(key, "")
        assert (standing.state, standing.reply) == ("in_doubt", None)
        assert (farm.runs[-1].status, farm.runs[-1].reason.lower()) == ("failed", "cancelled")
    await servers.close()


@pytest.mark.slow
async def test_a_model_call_is_stopped_with_its_run(on_a_deal_with, db):
    """No vendor goes on thinking for a run that is over."""
    slow, farm = SlowGateway(), script()
    await keep(db, {"prompt-triage": "You sort.", "schema-TriageDecision": '{"type": "object"}'})
    kit = Kit(prompts={"triage": "prompt-triage"}, schemas={"TriageDecision": "schema-TriageDecision"})
    gateway = Gateway(slow.url, "sk-test")
    worker, deal = await on_a_deal_with(farm, ModelActivities(db, gateway).call_model)
    await Kits(db).record(deal.first_run.id, kit, {})
    async with slow.running(), worker:
        assert await stopped(deal, slow.thought) < SOON_S
        assert (farm.runs[-1].status, farm.runs[-1].reason.lower()) == ("failed", "cancelled")
    await gateway.close()
