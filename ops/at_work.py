"""The run that is at work, found by what a person calls it, and spoken to."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from contracts.calls import RunRecord
from ops.connections import Addresses, records, temporal
from ops.errors import FarmError
from store.story import runs_matching

PATIENCE = timedelta(seconds=15)
"""For the run to hear; without a worker it would be waited for without end."""

Handle = WorkflowHandle[Any, Any]


async def act_on_run(what: str, where: Addresses, act: Callable[[Handle], Awaitable[str]]) -> str:
    """What `act` gives. FarmError where no run of `what` is at work, it refuses, or it doesn't hear in time."""
    return await act_on((await open_run(what, where)).run, where, act)


async def act_on(run: str, where: Addresses, act: Callable[[Handle], Awaitable[str]]) -> str:
    """The same, of a run that is known by its name."""
    client = await temporal(where)
    try:
        return await act(client.get_workflow_handle(run))
    except WorkflowUpdateFailedError as error:
        raise FarmError(f"it was not taken: {error.cause}") from error
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError) as error:
        if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
            raise FarmError(f"too late: the run {run} has ended") from error
        raise FarmError(
            f"the run {run} didn't answer within {PATIENCE.seconds} s: {error}", "Does a worker run? ./farm status"
        ) from error


async def open_run(what: str, where: Addresses) -> RunRecord:
    """The newest run that fits and hasn't ended. FarmError where there is none."""
    async with records(where) as db:
        found = await runs_matching(db, what)
    for run in found:
        if run.status in ("running", "waiting"):
            return run
    raise FarmError(f"no run of {what!r} is at work", "./farm trace tells what the last one did.")
