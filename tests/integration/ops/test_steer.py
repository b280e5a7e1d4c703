"""A person's hand in a run at work, from the command line to the run and back."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import pytest
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from contracts import names
from contracts.calls import RunRecord
from contracts.steering import Resume
from contracts.workflows import EntityStatus
from ops.errors import FarmError
from ops.verbs import models, steer
from ops.verbs.models import Step
from store.database import Database
from store.runs import Runs
from tests.fakes import FakeFarm, says, uses
from tests.workflow.teamwork import Job, lead, server

ANSWER = says('{"text": "forty-two"}')
READ = uses(("crm__search_notes", {"deal_id": 42}))


@pytest.fixture
async def job(tmp_path, monkeypatch) -> AsyncIterator[Job]:
    """A run of many slow turns, which the farm's records know of."""
    url = f"sqlite+aiosqlite:///{tmp_path}/farm.db"
    db = Database(url)
    await db.migrate()
    farm = FakeFarm({"lead": [*[READ] * 40, ANSWER]}, slow_s=0.05)
    async with server() as env, lead(env.client, farm) as job:
        monkeypatch.setenv("FARM_STORE_URL", url)
        monkeypatch.setenv("TEMPORAL_ADDRESS", env.client.service_client.config.target_host)
        record = {"agent": "lead", "entity": "deal:42", "status": "running", "phase": "orchestrate"}
        await Runs(db).record(RunRecord(run=job.run.id, at=datetime.now(UTC), **record))
        await job.until_turn(1)
        yield job
    await db.close()


async def run(verb, *words, **options) -> None:
    """As a process of its own would: no loop around it."""
    await asyncio.to_thread(partial(verb, *words, **options))


async def test_steered_paused_and_resumed(job):
    """The agent hears the word, holds, goes on, and everything is told with its speaker."""
    await run(steer.steer, "deal:42", "Offer no discount", by="claire")
    await run(steer.pause, "deal:42", reason="on the phone", by="claire")
    await run(steer.resume, job.run.id, by="tom")
    await job.outcome()
    assert any("Offer no discount" in call.say for call in job.farm.model_calls)
    assert [(each.kind, each.by) for each in job.farm.interventions] == [
        ("steer", "claire"),
        ("pause", "claire"),
        ("resume", "tom"),
    ]


async def test_moved_to_another_model(job):
    """The run hears which models it is to ask, and whose wish that was is on record."""
    await run(models.models, Step.MOVE, ["deal:42", "orchestrator=gpt-5.5-2026-04-23"], by="claire")
    await job.outcome()
    told = [(each.kind, each.by, each.text) for each in job.farm.interventions]
    assert told == [("models", "claire", "orchestrator=gpt-5.5-2026-04-23")]


async def test_cancelled(job):
    """The run stops, and closes its record."""
    await run(steer.cancel, "deal:42")
    with pytest.raises(WorkflowFailureError):
        await job.outcome()
    assert (await job.run.describe()).status == WorkflowExecutionStatus.CANCELED
    assert job.farm.runs[-1].status == "failed"


async def test_no_run_at_work_is_said(job):
    """With what to look at instead."""
    with pytest.raises(FarmError, match="no run of 'deal:7' is at work"):
        await run(steer.pause, "deal:7")
    await run(steer.cancel, "deal:42")
    with pytest.raises(WorkflowFailureError):
        await job.outcome()
    with pytest.raises(FarmError, match=r"too late: the run .* has ended"):
        await run(steer.steer, "deal:42", "Hello")


@workflow.defn(name="SalesDeal")
class Stopped:
    """A deal's workflow that its breaker stopped."""

    def __init__(self) -> None:
        self.stopped = True

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: not self.stopped)

    @workflow.query(name=names.STATUS)
    def status(self) -> EntityStatus:
        return EntityStatus(entity="deal:7", pending=2, runs=20, stopped=self.stopped)

    @workflow.signal(name=names.RESUME)
    def resume(self, _: Resume) -> None:
        self.stopped = False


async def test_released(job):
    """An entity that ran too often goes on; one that isn't stopped is said to be none."""
    db = Database(os.environ["FARM_STORE_URL"])
    record = {"agent": "sales", "entity": "deal:7", "status": "done", "phase": "done"}
    await Runs(db).record(RunRecord(run="sales:deal:7/run-20", at=datetime.now(UTC), **record))
    await db.close()
    runner = UnsandboxedWorkflowRunner()
    async with Worker(job.client, task_queue="deals", workflows=[Stopped], workflow_runner=runner):
        deal = await job.client.start_workflow("SalesDeal", id="sales:deal:7", task_queue="deals")
        await run(steer.release, "deal:7", by="claire")
        await deal.result()
        with pytest.raises(FarmError, match="isn't stopped"):
            await run(steer.release, "deal:7", by="claire")
    with pytest.raises(FarmError, match="no run of 'deal:8'"):
        await run(steer.release, "deal:8")
