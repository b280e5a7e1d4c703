"""The farm as a contender: its real loop, activities, store and worker, with a scripted model and tool.

The model is scripted at the network: Anthropic's client runs for real, and the request goes no further. Modes:

- `plain`: the tool is a function in the worker's process, as every peer's is, and declared quick, as reads of the
  farm's own store are: a local activity. Nothing is traced.
- `regular`: the same tool, not declared quick: an activity of its own, as a read over the internet is.
- `write`: the same tool declared as one that changes something, so each call goes through the effects journal.
- `mcp`: the tool is called over MCP, to a FastMCP server in memory.
- `http`: the tool is called over MCP's Streamable HTTP, to a server in a process of its own, as in production.
- `traced`: as `plain`, with the spans of production, sent nowhere.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin

from activities.book import Book
from activities.mcp import ToolServers
from contracts.converter import data_converter
from contracts.events import EntityRef, Event
from contracts.names import run_workflow_id, task_queue
from contracts.workflows import RunInput
from gateway.calls.client import Gateway
from ops.leaving import leave
from store.database import Database
from telemetry.setup import instrument_anthropic, telemetry
from tests.bench import script
from tests.bench.agent import BENCH, SERVER, BenchRun
from tests.bench.drive import drive, run_id
from tests.bench.job import Job, Measured
from tests.bench.scripted import PlainFunction, mcp_server, think
from tests.bench.store_size import file_bytes
from tests.bench.temporal import outcome_of, size_of
from workers.pool import Parts, activities, build
from workers.settings import WorkerSettings

Vendor = Callable[[httpx2.Request], httpx2.Response] | Callable[[httpx2.Request], Awaitable[httpx2.Response]]

BOOK = Book(prompts={"bench": script.SYSTEM}, skills={})


def servers(job: Job) -> ToolServers:
    match job.mode:
        case "mcp":
            return ToolServers({SERVER: mcp_server()})
        case "http":
            return ToolServers({SERVER: job.tool_url})
        case _:
            return PlainFunction(read_only=job.mode != "write", quick=job.mode not in {"write", "regular"})


@asynccontextmanager
async def worker(job: Job, vendor: Vendor = think, tools: ToolServers | None = None) -> AsyncIterator[Client]:
    """A worker of the bench agent, put together as workers/process.py does."""
    traced = job.mode == "traced"
    with telemetry("agent-bench", None) if traced else nullcontext():
        if traced:
            instrument_anthropic()
        async with AsyncExitStack() as opened:
            db = Database(f"sqlite+aiosqlite:///{store_file(job)}")
            opened.push_async_callback(db.close)
            await db.migrate()
            gateway = Gateway("http://gateway", "key", transport=httpx2.MockTransport(vendor))
            opened.push_async_callback(gateway.close)
            plugins = [OpenTelemetryPlugin()] if traced else []
            client = await Client.connect(job.temporal, data_converter=data_converter, plugins=plugins)
            tools = tools or servers(job)
            opened.push_async_callback(tools.close)
            its = Parts([BenchRun], activities(db, gateway, tools, {BENCH.name: BOOK}, "C0BENCH"))
            await opened.enter_async_context(build(client, BENCH, its, settings(job)))
            yield client


def store_file(job: Job) -> Path:
    return Path(job.directory) / "farm.db"


def settings(job: Job) -> WorkerSettings:
    """A worker's defaults: what it needs beside them is handed over already."""
    needed = {"FARM_STORE_URL": f"sqlite:///{store_file(job)}", "FARM_GATEWAY_URL": "-", "FARM_GATEWAY_KEY": "-"}
    return WorkerSettings.model_validate({**needed, "FARM_TOOL_SERVERS": {}, "SLACK_CHANNEL": "C0BENCH"})


def task(number: str, turns: int) -> tuple[str, RunInput]:
    """A run's workflow id and its input."""
    entity = EntityRef(kind="task", id=number)
    event = Event(
        id=number,
        source="bench",
        kind="task.new",
        entity=entity,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        summary=f"{script.ASKED} {turns}",
    )
    name = run_workflow_id(f"{BENCH.name}:{entity}", 1)
    return name, RunInput(agent=BENCH.name, entity=entity, number=1, events=(event,))


async def measure(job: Job) -> Measured:
    first: dict[str, str] = {}
    async with worker(job) as client:

        async def run(number: str, turns: int) -> str:
            workflow_id, given = task(number, turns)
            handle = await client.start_workflow(
                BENCH.run_workflow, given, id=workflow_id, task_queue=task_queue(BENCH.name)
            )
            first[number] = handle.first_execution_run_id or ""
            return await outcome_of(handle)

        measured = await drive(job, run, lambda: file_bytes(store_file(job)))
        number = run_id(job.runs)
        measured.history_bytes, measured.events = await size_of(client, task(number, job.turns)[0], first[number])
    return measured


if __name__ == "__main__":
    asyncio.run(measure(Job.from_argument())).print()
    leave(0)
