"""`./farm demo`: the main job on this machine, from the first webhook to the last number, with no key."""

import asyncio
import shutil
import sys
import time
from typing import Annotated

import typer

from ops.console import out, progress
from ops.demo.outcome import Outcome
from ops.demo.play import Stage, play, stage
from ops.demo.showing import sum_up
from ops.errors import FarmError
from ops.options import AsJson, ModelServer, PortOffset
from ops.places import Instance, instance
from ops.stack import state
from ops.stack.board import Board
from ops.stack.interrupts import run
from ops.stack.opening import sandboxed_plan_for
from ops.stack.runner import Stack
from ops.telling import tell
from store.story import Story

INSTANCE = "demo"
UNATTENDED = (
    "No terminal, and no --yes: when the agent asks whether it may send a mail, the demo waits for a person to decide\n"
    "elsewhere (in the sandbox Slack, by ./farm approve, by a Temporal signal), for days if need be; it will say how.\n"
    "With --yes it clicks Approve itself."
)


def demo(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Let the demo click Approve itself.")] = False,
    as_json: AsJson = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack up at the end, until Ctrl-C.")] = False,
    port_offset: PortOffset = 0,
    model_server: ModelServer = "",
) -> None:
    """Show the main job: a burst of changes in the CRM, one run, a person's approval, one mail, the record."""
    _wipe(instance(INSTANCE))
    wrong = run(_demo(yes=yes, as_json=as_json, keep=keep, offset=port_offset, model_server=model_server))
    if wrong:
        raise FarmError("the demo ran, and not everything is as it should be:", *wrong, f"Logs: {_logs()}")


def _wipe(which: Instance) -> None:
    """The demo starts from the same seed every time."""
    if state.is_running(state.load(which)):
        raise FarmError("a demo runs already", "./farm status shows it, ./farm down stops it.")
    shutil.rmtree(which.directory, ignore_errors=True)


def _logs() -> str:
    return str(instance(INSTANCE).log("part").parent)


async def _demo(*, yes: bool, as_json: bool, keep: bool, offset: int, model_server: str) -> list[str]:
    begun = time.monotonic()
    if not yes and not sys.stdin.isatty():
        progress.print(UNATTENDED, style="yellow")
    progress.print("Starting the stack: every part a real process on this machine.", style="bold")
    async with (
        Stack(sandboxed_plan_for(INSTANCE, offset, model_server), Board(progress)) as stack,
        stage(stack, progress, clicks=yes, begun=begun) as on,
    ):
        progress.print(f"Ready for events after {on.ready_after_s:.1f} s.", style="bold green")
        outcome, told, wrong = await _unless_a_part_ends(on)
        _show(outcome, told, as_json=as_json)
        if keep or (sys.stdin.isatty() and not yes and not as_json):
            progress.print("\nThe stack stays up so that you can look around; Ctrl-C stops it.", style="bold")
            raise await stack.next_failure()
    return wrong


async def _unless_a_part_ends(on: Stage) -> tuple[Outcome, Story, list[str]]:
    """The play's result, or the failure of a part, whichever comes first."""
    playing = asyncio.create_task(play(on))
    failing = asyncio.create_task(on.stack.next_failure())
    try:
        await asyncio.wait((playing, failing), return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            return playing.result()
        raise failing.result()
    finally:
        for task in (playing, failing):
            task.cancel()


def _show(outcome: Outcome, told: Story, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(outcome.model_dump_json(indent=2) + "\n")
        sys.stdout.flush()
        return
    out.print()
    tell(told, out)
    sum_up(outcome, out)
