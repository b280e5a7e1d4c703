"""`./farm up`: the stack until Ctrl-C, or in the background."""

import subprocess
import sys
import time
from typing import Annotated

import typer

from ops.console import progress
from ops.errors import FarmError
from ops.options import ModelServer, PortOffset
from ops.places import Instance, instance
from ops.stack import state
from ops.stack.board import Board
from ops.stack.child import last_lines
from ops.stack.interrupts import run
from ops.stack.opening import plan_for
from ops.stack.runner import Stack
from ops.verbs.status import links


def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when it is ready, and leave it running.")
    ] = False,
    name: Annotated[str, typer.Option("--instance", help="Its data lie in .farm/<instance>.")] = "local",
    port_offset: PortOffset = 0,
    model_server: ModelServer = "",
) -> None:
    """Run the stack: until Ctrl-C, or with --detach until ./farm down."""
    if detach:
        _in_background(instance(name), port_offset, model_server)
    else:
        run(_serve(name, port_offset, model_server))


async def _serve(name: str, offset: int, model_server: str) -> None:
    async with Stack(plan_for(name, offset, model_server), Board(progress)) as stack:
        progress.print("The farm is up; Ctrl-C stops it.", style="bold")
        progress.print(links(stack.state))
        while True:
            failure = await stack.next_failure()
            progress.print(f"{failure}\nThe others go on; ./farm status shows them.", style="red", markup=False)


def _in_background(which: Instance, offset: int, model_server: str) -> None:
    log = which.log("runner")
    log.parent.mkdir(parents=True, exist_ok=True)
    words = ["up", "--instance", which.name, "--port-offset", str(offset), "--model-server", model_server]
    with log.open("ab") as output:
        runner = subprocess.Popen(
            [sys.executable, "-m", "ops", *words],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    _watch(which, runner)
    if (now := state.load(which)) is not None:
        progress.print("The farm is up; ./farm down stops it.", style="bold")
        progress.print(links(now))


def _watch(which: Instance, runner: "subprocess.Popen[bytes]") -> None:
    """Show the runner's progress here until it is ready. FarmError with its last words if it ends first."""
    board = Board(progress)
    with board.watched():
        while runner.poll() is None:
            now = state.load(which)
            if now and now.runner and now.runner.pid == runner.pid:
                for name, part in now.parts.items():
                    board.show(name, part)
                if now.ready:
                    return
            time.sleep(0.1)
    raise FarmError(f"the stack did not come up:\n{last_lines(which.log('runner'))}")
