"""The stack of a drill: the embedded one for real, without Phoenix, its workers replaced by some that can be killed."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from rich.console import Console
from temporalio.client import Client

from contracts.agents import AgentSpec
from ops.connections import Addresses, records, temporal
from ops.demo.sandboxes import Crm, Slack
from ops.drill.book import Book
from ops.errors import FarmError
from ops.places import Instance, farm_python
from ops.stack import state
from ops.stack.board import Board
from ops.stack.opening import sandboxed_plan_for
from ops.stack.plan import Launch, Plan
from ops.stack.runner import Stack
from store.database import Database
from workflows.registry import agent

INSTANCE = "drill"
WORKERS = 6
"""Processes of the pool. The fewer there are, the more runs stand still with each."""

LEFT_OUT = ("phoenix", "worker-sales")
VENDOR_RETRIES = [3, 30, 150]
"""Seconds before a webhook's second, third and fourth attempt: the real CRM's."""

ROTATE_AFTER_EVENTS = 40
"""Temporal suggests continue-as-new then, and not at 4096: so each run comes by it several times."""


@dataclass(frozen=True)
class Stage:
    """All that a drill works with."""

    stack: Stack
    spec: AgentSpec
    client: Client
    crm: Crm
    slack: Slack
    db: Database
    book: Book
    to: Console


def wipe(which: Instance) -> None:
    """A drill starts from the same seed every time."""
    if state.is_running(state.load(which)):
        raise FarmError("a drill runs already", "./farm status shows it, ./farm down stops it.")
    shutil.rmtree(which.directory, ignore_errors=True)


def plan(offset: int, settings: Mapping[str, str] | None = None) -> Plan:
    """Every part but those left out, and the drill's pool in place of the worker. `settings` win over the list's."""
    whole = sandboxed_plan_for(INSTANCE, offset)
    pool = _pool(whole.launches["worker-sales"], whole.instance)
    kept = whole.only(*(name for name in whole.launches if name not in LEFT_OUT))
    launches = {**kept.launches, pool.name: pool}
    return replace(
        kept,
        launches={name: _set_for_a_drill(launch, settings or {}) for name, launch in launches.items()},
        env={**kept.env, **(settings or {})},
    )


def book_of(which: Instance) -> Book:
    which.directory.mkdir(parents=True, exist_ok=True)
    return Book(which.directory / "drill.db")


@asynccontextmanager
async def stage(whole: Plan, book: Book, to: Console) -> AsyncIterator[Stage]:
    """The stack, up, and what talks to it."""
    async with Stack(whole, Board(to)) as stack:
        env = whole.env
        crm = Crm(env["PIPEDRIVE_API_URL"])
        slack = Slack(env["SLACK_API_URL"].removesuffix("/api/"), env["SLACK_CHANNEL"])
        where = Addresses(env["FARM_STORE_URL"], env["TEMPORAL_ADDRESS"])
        try:
            async with records(where) as db:
                yield Stage(stack, agent("sales"), await temporal(where), crm, slack, db, book, to)
        finally:
            await asyncio.gather(crm.close(), slack.close())


def _pool(worker: Launch, which: Instance) -> Launch:
    argv = (str(farm_python()), "-m", "ops.drill.worker", "sales", str(which.directory / "drill.db"), str(WORKERS))
    return replace(worker, name="pool", about="worker pool that is killed", argv=argv, ready="", log=which.log("pool"))


def _set_for_a_drill(launch: Launch, settings: Mapping[str, str]) -> Launch:
    env = {key: value for key, value in launch.env.items() if key != "OTEL_EXPORTER_OTLP_ENDPOINT"}
    env |= {key: value for key, value in settings.items() if key in env}
    if launch.name == "sandbox-crm":
        env["SANDBOX_CRM_WEBHOOK_RETRIES"] = json.dumps(VENDOR_RETRIES)
    rotates = ("--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={ROTATE_AFTER_EVENTS}")
    return replace(launch, env=env, argv=(*launch.argv, *rotates) if launch.name == "temporal" else launch.argv)
