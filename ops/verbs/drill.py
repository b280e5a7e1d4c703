"""`./farm drill`: take something away in the middle of work, and see that nothing is lost and nothing done twice."""

import sys
from collections.abc import Coroutine
from contextlib import nullcontext
from enum import StrEnum
from typing import Annotated, Any

import typer

from ops.console import out, progress
from ops.drill.conduct import Order, kill_worker, stop_part
from ops.drill.intake import showing as intake_showing
from ops.drill.intake.conduct import Sizes, intake
from ops.drill.intake.verdict import IntakeVerdict
from ops.drill.outages import OUTAGES
from ops.drill.postgres import Postgres, running_postgres
from ops.drill.showing import show
from ops.drill.stage import INSTANCE
from ops.drill.swap import showing as swap_showing
from ops.drill.swap.conduct import swap_model
from ops.drill.swap.verdict import SwapVerdict
from ops.drill.verdict import Verdict
from ops.errors import FarmError
from ops.options import AsJson, PortOffset
from ops.places import instance
from ops.stack.interrupts import run


class What(StrEnum):
    """The drills."""

    KILL_WORKER = "kill-worker"
    STOP_TEMPORAL = "stop-temporal"
    STOP_GATEWAY = "stop-gateway"
    STOP_STORE = "stop-store"
    STOP_TOOLS = "stop-tools"
    VENDOR_OUTAGE = "vendor-outage"
    INTAKE = "intake"
    SWAP_MODEL = "swap-model"


class Store(StrEnum):
    """What the farm's records are in."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


def drill(
    what: Annotated[What, typer.Argument(help="What to take away.", metavar="DRILL")],
    *,
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many runs are at work.", metavar="N")] = 10,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long a part is away.", metavar="S")] = 30,
    events: Annotated[int, typer.Option("--events", min=100, help="intake: webhooks.", metavar="N")] = 20_000,
    deals: Annotated[int, typer.Option("--deals", min=1, help="intake: deals that they are on.", metavar="N")] = 500,
    outage: Annotated[float, typer.Option("--outage", min=1, help="intake: Temporal is away.", metavar="S")] = 60,
    kills: Annotated[int, typer.Option("--kills", min=0, help="intake: of the starter.", metavar="N")] = 3,
    store: Annotated[Store, typer.Option("--store", help="What the farm's records are in.")] = Store.SQLITE,
    as_json: AsJson = False,
    port_offset: PortOffset = 0,
) -> None:
    """Kill or stop a part, or swap models, while runs are at work or events come in; and count what came of it."""
    folder = instance(f"{INSTANCE}-postgres").directory
    with running_postgres(folder) if store is Store.POSTGRES else nullcontext() as postgres:
        settings = {"FARM_STORE_URL": postgres.url} if postgres else {}
        order = Order(what, runs, port_offset, progress, settings)
        verdict = run(_drill(order, seconds, Sizes(events, deals, outage, kills), postgres))
    _print(verdict, as_json=as_json)
    if verdict.wrong:
        raise FarmError(f"the drill {what} did not hold:", *verdict.wrong[:40])


def _drill(
    order: Order, seconds: float, sizes: Sizes, postgres: Postgres | None
) -> Coroutine[Any, Any, Verdict | IntakeVerdict | SwapVerdict]:
    if order.drill == What.SWAP_MODEL:
        return swap_model(order)
    if order.drill == What.INTAKE:
        return intake(order, sizes)
    if order.drill == What.KILL_WORKER:
        return kill_worker(order)
    stops_postgres = postgres is not None and order.drill == What.STOP_STORE
    return stop_part(order, postgres.away if postgres and stops_postgres else OUTAGES[order.drill], seconds)


def _print(verdict: Verdict | IntakeVerdict | SwapVerdict, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(verdict.model_dump_json(indent=2) + "\n")
        sys.stdout.flush()
    elif isinstance(verdict, IntakeVerdict):
        intake_showing.show(verdict, out)
    elif isinstance(verdict, SwapVerdict):
        swap_showing.show(verdict, out)
    else:
        show(verdict, out)
