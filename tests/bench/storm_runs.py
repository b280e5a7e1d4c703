"""The runs of `storm`: two real pools in this process, before the real gateway."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from temporalio.client import Client

from activities.book import Book
from activities.mcp import ToolServers
from contracts.agents import AgentSpec
from contracts.converter import data_converter
from contracts.events import EntityRef, Event
from contracts.names import run_workflow_id, task_queue
from contracts.workflows import RunInput
from gateway.calls.client import Gateway
from store.database import Database
from store.tables import ModelCallRow
from tests.bench.storm_agents import NOISY, PROMPT, QUIET, RUNS
from tests.bench.temporal import outcome_of
from workers.pool import Parts, activities, build
from workers.settings import WorkerSettings

AGENTS = {NOISY.name: NOISY, QUIET.name: QUIET}
BOOK = Book(prompts={PROMPT: "You answer in one sentence."}, skills={})


@dataclass(frozen=True)
class Answered:
    """One row of the ledger."""

    agent: str
    call: str
    asked_at: float
    """When the attempt that was answered went to the gateway, in seconds since the epoch."""

    at: float
    """When the answer was there, in seconds since the epoch."""

    cost_usd: float


@dataclass(frozen=True)
class Storm:
    """What became of it."""

    outcomes: Sequence[str]
    began: float
    took_s: float
    ledger: Sequence[Answered]


async def raise_storm(temporal: str, room: Path, gateway: str, keys: dict[str, str], runs: dict[str, int]) -> Storm:
    """So many runs of each agent, all started at once, to their end."""
    # each attempt that is sent away would be a page of log
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)
    store = f"sqlite+aiosqlite:///{room / 'farm.db'}"
    db = Database(store)
    await db.migrate()
    client = await Client.connect(temporal, data_converter=data_converter)
    async with AsyncExitStack() as opened:
        opened.push_async_callback(db.close)
        for name, key in keys.items():
            await opened.enter_async_context(_pool(client, AGENTS[name], db, Gateway(gateway, key), store))
        began, clock = time.time(), time.monotonic()
        wanted = [_run(client, AGENTS[name], number) for name, many in runs.items() for number in range(many)]
        outcomes = await asyncio.gather(*wanted)
        took_s = time.monotonic() - clock
        return Storm(outcomes, began, took_s, await _ledger(db))


@asynccontextmanager
async def _pool(client: Client, spec: AgentSpec, db: Database, gateway: Gateway, store: str) -> AsyncIterator[None]:
    """A worker with its defaults, of an agent without tools."""
    needed = {"FARM_STORE_URL": store, "FARM_GATEWAY_URL": "-", "FARM_GATEWAY_KEY": "-"}
    settings = WorkerSettings.model_validate({**needed, "FARM_TOOL_SERVERS": {}, "SLACK_CHANNEL": "C0BENCH"})
    its = Parts([RUNS[spec.name]], activities(db, gateway, ToolServers({}), {spec.name: BOOK}, "C0BENCH"))
    try:
        async with build(client, spec, its, settings):
            yield
    finally:
        await gateway.close()


async def _run(client: Client, spec: AgentSpec, number: int) -> str:
    entity = EntityRef(kind="task", id=str(number))
    event = Event(
        id=f"{spec.name}-{number}",
        source="bench",
        kind="task.new",
        entity=entity,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        summary=f"Question {number}",
    )
    handle = await client.start_workflow(
        spec.run_workflow,
        RunInput(agent=spec.name, entity=entity, number=1, events=(event,)),
        id=run_workflow_id(f"{spec.name}:{entity}", 1),
        task_queue=task_queue(spec.name),
    )
    return await outcome_of(handle)


async def _ledger(db: Database) -> list[Answered]:
    async with db.reading() as session:
        rows = (await session.scalars(select(ModelCallRow))).all()
    return [
        Answered(
            row.agent,
            f"{row.run}/{row.step}",
            row.at.timestamp(),
            row.at.timestamp() + row.latency_s,
            float(row.cost_usd),
        )
        for row in rows
    ]
