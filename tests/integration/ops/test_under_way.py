"""What a run waits for at this moment, on a real server: a call that says how far it is, and falls silent."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from contracts.calls import RunRecord
from ops.connections import addresses
from ops.under_way import under_way
from ops.verbs.trace import trace
from store.database import Database
from store.runs import Runs
from tests.workflow.conftest import until
from tests.workflow.teamwork import server

RUN = "sales:deal:42/run-1"
SAID = "waits for orchestrator to answer plan-1, 3 s by now: first word after 2 s, 40 characters, the last 1 s ago"


@workflow.defn
class Asks:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            "call_model",
            start_to_close_timeout=timedelta(seconds=60),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2),
        )


class Calls:
    """The first attempt says `SAID` and, where it is told to, fails; the second says nothing."""

    def __init__(self) -> None:
        self.fails, self.ends = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def call_model(self) -> None:
        if activity.info().attempt == 1:
            activity.heartbeat(SAID)
            await self.fails.wait()
            raise RuntimeError("cut")
        await self.ends.wait()


@pytest.fixture
async def calls(tmp_path, monkeypatch):
    """A run of one call, which the farm's records know of."""
    url, calls = f"sqlite+aiosqlite:///{tmp_path}/farm.db", Calls()
    db = Database(url)
    await db.migrate()
    record = {"agent": "sales", "entity": "deal:42", "status": "running", "phase": "orchestrate"}
    await Runs(db).record(RunRecord(run=RUN, at=datetime.now(UTC), **record))
    await db.close()
    async with server() as env:
        monkeypatch.setenv("FARM_STORE_URL", url)
        monkeypatch.setenv("TEMPORAL_ADDRESS", env.client.service_client.config.target_host)
        runner = UnsandboxedWorkflowRunner()
        async with Worker(
            env.client, task_queue="q", workflows=[Asks], activities=[calls.call_model], workflow_runner=runner
        ):
            handle = await env.client.start_workflow("Asks", id=RUN, task_queue="q")
            yield calls
            calls.fails.set()
            calls.ends.set()
            await handle.result()


async def shown(words: str) -> str:
    async def there() -> str | None:
        return next((line for line in await under_way(RUN, addresses("")) if words in line), None)

    return await until(there, f"{words} is not shown")


async def test_a_call_under_way_says_how_far_it_is(calls, capsys):
    """Below the run's story, in the words of its last sign of life, and how old that is."""
    assert (await shown("first word")).startswith(f"{SAID} (said ")
    await asyncio.to_thread(partial(trace, "deal:42"))
    assert f"under way {SAID} (said " in capsys.readouterr().out


async def test_an_earlier_attempts_words_are_not_told_of_this_one(calls):
    """Until it says something itself: what it is, since when, and the how-manieth it is."""
    await shown("first word")
    calls.fails.set()
    line = await shown("attempt 2")
    assert line.startswith("call_model, begun ")


async def test_nothing_is_under_way_of_a_run_that_temporal_does_not_know(calls):
    """One of another stack, say."""
    assert await under_way("sales:deal:43/run-1", addresses("")) == ()
