"""The stage of `drill intake`: Temporal, the real starter, and the toy agent's pool."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from rich.console import Console

from ops.connections import Addresses, records
from ops.drill.stage import INSTANCE
from ops.places import farm_python
from ops.stack.board import Board
from ops.stack.opening import sandboxed_plan_for
from ops.stack.plan import Launch, Plan
from ops.stack.runner import Stack
from store.database import Database

PARTS = ("temporal", "schema", "search-attributes", "worker-sales", "starter")


@dataclass(frozen=True)
class IntakeStage:
    """All that this drill works with."""

    stack: Stack
    db: Database
    url: str
    """Where the CRM's webhooks are sent."""

    credentials: tuple[str, str]
    to: Console


def plan(offset: int, settings: Mapping[str, str]) -> Plan:
    """The parts of the embedded stack that an event goes through. `settings` win over the list's."""
    whole = sandboxed_plan_for(INSTANCE, offset)
    launches = {name: launch for name, launch in whole.launches.items() if name in PARTS}
    env = {**whole.env, **settings}
    its = {name: _set(launch, settings, launches.keys() & launch.needs) for name, launch in launches.items()}
    its["worker-sales"] = _toy(its["worker-sales"], env)
    return replace(whole.only(*PARTS), launches=its, env=env)


@asynccontextmanager
async def stage(whole: Plan, to: Console) -> AsyncIterator[IntakeStage]:
    """The parts, up, and the records that they share."""
    starter = whole.launches["starter"].env
    url = f"http://127.0.0.1:{starter['FARM_PORT']}/webhooks/pipedrive"
    credentials = starter["FARM_WEBHOOK_USERNAME"], starter["FARM_WEBHOOK_PASSWORD"]
    where = Addresses(whole.env["FARM_STORE_URL"], whole.env["TEMPORAL_ADDRESS"])
    async with Stack(whole, Board(to)) as stack, records(where) as db:
        yield IntakeStage(stack, db, url, credentials, to)


def _set(launch: Launch, settings: Mapping[str, str], needs: set[str]) -> Launch:
    """Without a trace store, which isn't there, and without a CRM: nobody writes to one, so no echo is to be known."""
    env = {key: value for key, value in launch.env.items() if key != "OTEL_EXPORTER_OTLP_ENDPOINT"}
    env |= {key: value for key, value in settings.items() if key in env}
    if "PIPEDRIVE_API_TOKEN" in env:
        env["PIPEDRIVE_API_TOKEN"] = ""
    return replace(launch, env=env, needs=frozenset(needs))


def _toy(worker: Launch, env: Mapping[str, str]) -> Launch:
    told = (env["TEMPORAL_ADDRESS"], env["FARM_STORE_URL"], worker.env["FARM_PORT"])
    argv = (str(farm_python()), "-m", "ops.drill.intake.toy_worker", *told)
    return replace(worker, about="worker pool of a toy agent", argv=argv)
