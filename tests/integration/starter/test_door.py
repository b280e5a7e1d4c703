"""The door with a real Temporal and a real store behind it: the way of twelve webhooks to one workflow."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from contracts.approvals import Decision, DecisionReceipt, Verdict
from starter.decisions import NOT_NOW, OVER, Decisions
from starter.intake import accepting
from store.database import Database
from store.door import Door
from tests.integration.starter.house import burst, house
from tests.integration.starter.toy import ToyDeal


@pytest.fixture
async def worker(temporal: Client) -> AsyncIterator[Worker]:
    async with Worker(temporal, task_queue="agent-toy", workflows=[ToyDeal]) as worker:
        yield worker


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await db.migrate()
    yield db
    await db.close()


@pytest.fixture
async def door(temporal: Client, store: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with house(temporal, store) as opened:
        yield opened.http


async def test_a_burst_on_one_deal_reaches_one_workflow(
    temporal: Client, worker: Worker, store: Database, door: httpx.AsyncClient
) -> None:
    """Twelve webhooks at once start one workflow, which gets all twelve events."""
    answers = await asyncio.gather(*(door.post("/webhooks/pipedrive", json=each) for each in burst("101", 12)))
    assert [answer.status_code for answer in answers] == [202] * 12
    handle = temporal.get_workflow_handle("toy:deal:101")
    assert sorted(await handle.query(ToyDeal.seen)) == sorted(f"101-{n}" for n in range(12))
    started = [each async for each in temporal.list_workflows("WorkflowId = 'toy:deal:101'")]
    assert len(started) == 1
    assert len(await Door(store).of_entity("deal:101")) == 12


async def test_the_workflow_can_be_found_by_agent_and_entity(
    temporal: Client, worker: Worker, door: httpx.AsyncClient
) -> None:
    """The search attributes are set from the start."""
    await door.post("/webhooks/pipedrive", json=burst("102", 1)[0])
    description = await temporal.get_workflow_handle("toy:deal:102").describe()
    found = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    assert (found["AgentName"], found["EntityId"]) == ("toy", "deal:102")


async def test_a_re_delivery_is_told_from_a_first_one(
    temporal: Client, worker: Worker, store: Database, door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its receipt: it is written down as a duplicate, and the workflow hears of it once."""
    # a busy disk costs the look-up its second, and this isn't about that
    monkeypatch.setattr(accepting, "LOOK", 30.0)
    for _ in range(3):
        answer = await door.post("/webhooks/pipedrive", json=burst("103", 1)[0])
        assert answer.status_code == 202
    assert await temporal.get_workflow_handle("toy:deal:103").query(ToyDeal.seen) == ["103-0"]
    entries = await Door(store).of_entity("deal:103")
    assert [entry.outcome for entry in entries] == ["accepted", "duplicate", "duplicate"]


async def test_an_event_waits_for_a_worker(temporal: Client, door: httpx.AsyncClient) -> None:
    """With no worker at all the event is accepted, because Temporal has it, and found by the first that comes."""
    answer = await door.post("/webhooks/pipedrive", json=burst("104", 1)[0])
    assert answer.status_code == 202
    async with Worker(temporal, task_queue="agent-toy", workflows=[ToyDeal]):
        assert await temporal.get_workflow_handle("toy:deal:104").query(ToyDeal.seen) == ["104-0"]


@pytest.mark.parametrize(("by", "accepted"), [("U0CLAIRE", True), ("U0TOM", False)])
async def test_a_decision_comes_back_with_the_runs_receipt(
    temporal: Client, worker: Worker, door: httpx.AsyncClient, by: str, accepted: bool
) -> None:
    """Whether it counts is the run's word, and the decider hears it."""
    await door.post("/webhooks/pipedrive", json=burst("105", 1)[0])
    decision = Decision(approval="a", verdict=Verdict.APPROVE, by=by, channel="slack")
    receipt = await Decisions(temporal).decide("toy:deal:105", decision)
    assert receipt == DecisionReceipt(accepted=accepted, message=f"approve by {by}")


async def test_a_decision_on_a_run_that_is_over_says_so(temporal: Client, door: httpx.AsyncClient) -> None:
    """A run that never was, or has ended, is a plain refusal."""
    decision = Decision(approval="a", verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
    assert (await Decisions(temporal).decide("toy:deal:none", decision)).message == OVER
    await door.post("/webhooks/pipedrive", json=burst("106", 1)[0])
    handle = temporal.get_workflow_handle("toy:deal:106")
    await handle.terminate()
    with pytest.raises(RPCError):
        await handle.signal("event", "late")
    assert (await Decisions(temporal).decide("toy:deal:106", decision)).message == OVER


async def test_a_decision_with_no_worker_is_not_waited_for(temporal: Client, door: httpx.AsyncClient) -> None:
    """The person hears within the patience that it didn't count yet."""
    await door.post("/webhooks/pipedrive", json=burst("107", 1)[0])
    decision = Decision(approval="a", verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
    assert (await Decisions(temporal).decide("toy:deal:107", decision)).message == NOT_NOW


async def test_it_is_ready_with_temporal_there(door: httpx.AsyncClient) -> None:
    """The health check really asks the server."""
    assert (await door.get("/healthz")).json()["parts"] == {"temporal": "ok", "store": "ok"}
