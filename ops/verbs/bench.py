"""`./farm bench`: how much a turn costs in bytes and in time, and what must hold of it."""

from importlib import import_module
from typing import Annotated, Literal

import typer

from ops.errors import FarmError
from ops.options import AsJson, PortOffset
from ops.stack.interrupts import run

Name = Literal[
    "history", "throughput", "sleepers", "recovery", "intake", "approvals", "entities", "cost", "storm", "gateway"
]


def bench(
    name: Annotated[Name, typer.Argument(help="Which benchmark of tests/bench/.")],
    *,
    peers: Annotated[bool, typer.Option("--peers", help="Measure other durable agents, too (envs/peers).")] = False,
    long: Annotated[bool, typer.Option("--long", help="history: a run of 5,000 turns, too.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny sizes: to see that it works, not to measure.")] = False,
    pending: Annotated[int, typer.Option(help="approvals: so many questions instead of 5,000.", min=0)] = 0,
    as_json: AsJson = False,
    port_offset: PortOffset = 0,
) -> None:
    """Measure the farm on a Temporal of its own. Exit code 1 where something that must hold does not."""
    sizes: dict[str, int] = {"peers": peers, "long": long, "quick": quick}
    if pending and name != "approvals":
        raise FarmError("--pending goes with approvals", "./farm bench approvals --pending 500")
    sizes |= {"pending": pending} if name == "approvals" else {}
    if not run(_bench(name, sizes, as_json, port_offset)):
        raise typer.Exit(1)


async def _bench(name: str, sizes: dict[str, int], as_json: bool, offset: int) -> bool:
    # only here: no other verb, and no image, needs the tests
    module = import_module(f"tests.bench.{name}")
    opening, reporting = import_module("tests.bench.stand"), import_module("tests.bench.report")
    async with opening.stand(offset) as stand:
        report = await module.report(stand, **sizes)
    reporting.show(report, as_json)
    return bool(report.holds)
