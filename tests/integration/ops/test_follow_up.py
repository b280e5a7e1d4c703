"""What a deal waits for, seen and changed from the command line, on a real server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import pytest
from temporalio.worker import Worker

from contracts import names
from contracts.calls import RunRecord
from contracts.events import EntityRef
from contracts.search_attributes import WAITING_FOR
from contracts.workflows import EntityState, EntityStatus, FollowUp
from ops.connections import addresses
from ops.entities import waits_for
from ops.errors import FarmError
from ops.verbs.follow_up import follow_up
from store.database import Database
from store.runs import Runs
from tests.fakes import FakeFarm
from tests.workflow.conftest import Deal, started, until
from tests.workflow.teamwork import server
from workers.workflow_code import agent_workflows, sandbox

PLAN = FollowUp(at=datetime(2099, 1, 6, 8, tzinfo=UTC), reason="no answer yet", until=("reply",))


@pytest.fixture
async def deal(tmp_path, monkeypatch) -> AsyncIterator[Deal]:
    """A deal that waits, of which the farm's records know a run."""
    url = f"sqlite+aiosqlite:///{tmp_path}/farm.db"
    db = Database(url)
    await db.migrate()
    record = {"agent": "sales", "entity": "deal:42", "status": "done", "phase": "done"}
    await Runs(db).record(RunRecord(run="sales:deal:42/run-1", at=datetime.now(UTC), **record))
    await db.close()
    async with server() as env:
        monkeypatch.setenv("FARM_STORE_URL", url)
        monkeypatch.setenv("TEMPORAL_ADDRESS", env.client.service_client.config.target_host)
        worker = Worker(
            env.client,
            task_queue="deals",
            workflows=list(agent_workflows("sales")),
            activities=FakeFarm({}).activities,
            workflow_runner=sandbox(),
        )
        async with worker:
            state = EntityState(agent="sales", entity=EntityRef(kind="deal", id="42"), follow_up=PLAN)
            yield await started(env, state, "deals")


async def run(*words, **options) -> None:
    """As a process of its own would: no loop around it."""
    await asyncio.to_thread(partial(follow_up, *words, **options))


async def shown(deal: Deal, wanted: str) -> None:
    async def there() -> bool | None:
        found = (await deal.workflow.describe()).typed_search_attributes.get(WAITING_FOR)
        return found == wanted or None

    await until(there, f"{wanted} is not shown")


async def plan(deal: Deal) -> FollowUp | None:
    status: EntityStatus = await deal.workflow.query(names.STATUS, result_type=EntityStatus)
    return status.follow_up


async def test_seen(deal, capsys):
    """What it waits for and why; as the Temporal UI says it, which needs no worker."""
    await run("deal:42")
    what = "follow-up 2099-01-06 09:00 Europe/Paris (Tuesday) or reply"
    assert capsys.readouterr().out == f"deal:42 waits for {what}\n  no answer yet\n"
    await shown(deal, what)
    assert await waits_for("sales:deal:42", addresses("")) == what


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2099-07-01", datetime(2099, 7, 1, 7, tzinfo=UTC)),
        ("2099-07-01 14:30", datetime(2099, 7, 1, 12, 30, tzinfo=UTC)),
        ("2099-07-01T14:30:00-05:00", datetime(2099, 7, 1, 19, 30, tzinfo=UTC)),
    ],
)
async def test_moved(deal, at, moment):
    """By the agent's clock, unless it says its own; the reason stays."""
    await run("deal:42", at=at)
    found = await plan(deal)
    assert (found.at, found.reason, found.until) == (moment, "no answer yet", ("reply",))


async def test_called_off(deal, capsys):
    """And shown to be."""
    await run("sales:deal:42", cancel=True)
    assert capsys.readouterr().out == "deal:42 waits for the next event\n"
    await shown(deal, "the next event")


async def test_what_cannot_be_is_said(deal):
    """A date that is none, two wishes at once, a deal that nobody knows."""
    with pytest.raises(FarmError, match="'soon' is no date"):
        await run("deal:42", at="soon")
    with pytest.raises(FarmError, match="exclude"):
        await run("deal:42", at="2099-07-01", cancel=True)
    with pytest.raises(FarmError, match="no run of 'deal:7'"):
        await run("deal:7")
    assert await plan(deal) == PLAN
    assert await waits_for("sales:deal:7", addresses("")) == ""
