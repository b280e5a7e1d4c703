"""`./farm drill`: take something away in the middle of work, and see that nothing is lost and nothing done twice."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from ops.console import out, progress
from ops.drill.conduct import kill_worker
from ops.drill.showing import show
from ops.drill.verdict import Verdict
from ops.errors import FarmError
from ops.options import AsJson, PortOffset
from ops.stack.interrupts import run


class What(StrEnum):
    """The drills."""

    KILL_WORKER = "kill-worker"


def drill(
    what: Annotated[What, typer.Argument(help="What to take away.")],
    runs: Annotated[int, typer.Option("--runs", min=1, help="How many runs are at work.", metavar="N")] = 10,
    as_json: AsJson = False,
    port_offset: PortOffset = 0,
) -> None:
    """Kill or stop a part while runs are at work; afterwards count every effect and every event."""
    verdict = run(kill_worker(runs, port_offset, progress))
    _print(verdict, as_json=as_json)
    if verdict.wrong:
        raise FarmError(f"the drill {what} did not hold:", *verdict.wrong[:40])


def _print(verdict: Verdict, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(verdict.model_dump_json(indent=2) + "\n")
        sys.stdout.flush()
    else:
        show(verdict, out)
