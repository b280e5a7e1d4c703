"""`./farm steer`, `pause`, `resume`, `cancel`, `release`: a person's hand in what is at work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from temporalio.service import RPCError

from contracts.names import PAUSE, RESUME, STATUS, STEER
from contracts.steering import Pause, Resume, Steer, SteerReceipt
from contracts.workflows import EntityStatus
from ops.at_work import PATIENCE, Handle, act_on_run
from ops.connections import Addresses, addresses, temporal
from ops.console import out
from ops.entities import entity_workflow
from ops.errors import FarmError
from ops.options import AnyInstance, By, who

Word = Annotated[str, typer.Argument(help="What the agent should know.", metavar="TEXT")]
Reason = Annotated[str, typer.Option(help="Goes into the record.")]
What = Annotated[str, typer.Argument(help="deal:42, sales:deal:42 or a run: sales:deal:42/run-1")]


def steer(what: What, text: Word, by: By = "", name: AnyInstance = "") -> None:
    """Say something to a running agent; it hears it before its next turn."""

    async def say(run: Handle) -> str:
        receipt: SteerReceipt = await run.execute_update(
            STEER, Steer(text=text, by=who(by)), result_type=SteerReceipt, rpc_timeout=PATIENCE
        )
        if not receipt.accepted:
            raise FarmError(receipt.message)
        return receipt.message

    _do(what, name, say)


def pause(what: What, reason: Reason = "", by: By = "", name: AnyInstance = "") -> None:
    """Hold a run before its next call. What is under way is finished."""
    _signal(what, name, PAUSE, Pause(by=who(by), reason=reason), "holds before its next call")


def resume(what: What, by: By = "", name: AnyInstance = "") -> None:
    """Let a paused run go on."""
    _signal(what, name, RESUME, Resume(by=who(by)), "goes on")


def release(what: What, by: By = "", name: AnyInstance = "") -> None:
    """Let an entity go on that its breaker stopped, because it ran too often."""
    word = Resume(by=who(by))
    entity = asyncio.run(_released(what, addresses(name), word))
    out.print(f"{entity} goes on", style="green", markup=False)


def cancel(what: What, name: AnyInstance = "") -> None:
    """Stop a run. Its questions are withdrawn, its record closed, and its events become a dead letter."""

    async def stop(run: Handle) -> str:
        await run.cancel()
        return f"{run.id} is told to stop"

    _do(what, name, stop)


async def _released(what: str, where: Addresses, word: Resume) -> str:
    entity = await entity_workflow(what, where)
    if not entity:
        raise FarmError(f"no run of {what!r} is on record, so nothing of it can have been stopped")
    handle = (await temporal(where)).get_workflow_handle(entity)
    try:
        status: EntityStatus = await handle.query(STATUS, result_type=EntityStatus, rpc_timeout=PATIENCE)
        if not status.stopped:
            raise FarmError(f"{entity} isn't stopped", "./farm resume lets a paused run go on.")
        await handle.signal(RESUME, word)
    except RPCError as error:
        raise FarmError(f"{entity} didn't answer: {error.message}", "Does a worker run? ./farm status") from error
    return entity


def _signal(what: str, name: str, signal: str, value: Pause | Resume, told: str) -> None:
    async def send(run: Handle) -> str:
        await run.signal(signal, value)
        return f"{run.id} {told}"

    _do(what, name, send)


def _do(what: str, instance: str, act: Callable[[Handle], Awaitable[str]]) -> None:
    out.print(asyncio.run(act_on_run(what, addresses(instance), act)), style="green", markup=False)
