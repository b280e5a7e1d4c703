"""`./farm approve`, `reject`, `edit`, `happened`: a person's decision, from the command line."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, cast, get_args

import typer
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from contracts.approvals import Always, ApprovalRequest, Decision, DecisionReceipt, Verdict
from contracts.names import DECIDE
from contracts.policy import StandingScope
from ops.connections import Addresses, addresses, records, temporal
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, By, who
from store.approvals import Approvals
from store.refused_decisions import RefusedDecisions

PATIENCE = timedelta(seconds=15)
"""For the run to take the decision; without a worker it would be waited for without end."""

A_MONTH = timedelta(days=30)

ApprovalId = Annotated[str, typer.Argument(help="As ./farm approvals lists it.", metavar="ID")]
Reason = Annotated[str, typer.Option(help="Goes into the record, and to the agent.")]
AlwaysFor = Annotated[
    str, typer.Option(help="And the next of its kind: for this `entity`, or for the whole `agent`.", metavar="SCOPE")
]
Until = Annotated[str, typer.Option(help="With --always: its last day (UTC), else in a month.", metavar="DAY")]
Arguments = Annotated[str, typer.Option(help="The arguments to run instead, whole, as a JSON object.", metavar="JSON")]


def approve(
    approval: ApprovalId,
    *,
    reason: Reason = "",
    always: AlwaysFor = "",
    until: Until = "",
    by: By = "",
    name: AnyInstance = "",
) -> None:
    """Let a call run as proposed; of one in doubt: do it. With --always, also the next ones of its kind."""
    decision = Decision(approval=approval, verdict=Verdict.APPROVE, by=who(by), channel="cli", reason=reason)
    _decide(decision.model_copy(update={"always": _always(always, until)}), name)


def reject(approval: ApprovalId, reason: Reason = "", by: By = "", name: AnyInstance = "") -> None:
    """Refuse a call; the agent goes on without it. Of one in doubt: skip it."""
    _decide(Decision(approval=approval, verdict=Verdict.REJECT, by=who(by), channel="cli", reason=reason), name)


def edit(approval: ApprovalId, arguments: Arguments, reason: Reason = "", by: By = "", name: AnyInstance = "") -> None:
    """Let a call run with other arguments."""
    decision = Decision(
        approval=approval, verdict=Verdict.EDIT, by=who(by), channel="cli", reason=reason, arguments=_object(arguments)
    )
    _decide(decision, name)


def happened(approval: ApprovalId, reason: Reason = "", by: By = "", name: AnyInstance = "") -> None:
    """Say of a call in doubt that it happened, so that it isn't made again."""
    _decide(Decision(approval=approval, verdict=Verdict.HAPPENED, by=who(by), channel="cli", reason=reason), name)


def answer(approval: ApprovalId, text: Annotated[str, typer.Argument()], by: By = "", name: AnyInstance = "") -> None:
    """Answer an agent's question in words."""
    _decide(Decision(approval=approval, verdict=Verdict.ANSWER, by=who(by), channel="cli", answer=text), name)


def _always(scope: str, until: str) -> Always | None:
    if not scope and not until:
        return None
    try:
        last = date.fromisoformat(until) if until else datetime.now(UTC).date() + A_MONTH
    except ValueError as error:
        raise FarmError(f"--until is no day like 2026-12-31: {until}") from error
    if scope not in get_args(StandingScope):
        raise FarmError("--always is for `entity` or `agent`; --until needs it")
    return Always(scope=cast("StandingScope", scope), until=last)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise FarmError(f"--arguments is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise FarmError(f"--arguments must be a JSON object, with every argument of the tool: {text}")
    return value


def _decide(decision: Decision, instance: str) -> None:
    receipt = asyncio.run(_send(decision, addresses(instance)))
    out.print(receipt.message, style="green" if receipt.accepted else "red", markup=False)
    if not receipt.accepted:
        raise typer.Exit(1)


async def _send(decision: Decision, where: Addresses) -> DecisionReceipt:
    request = await _request(decision.approval, where)
    client = await temporal(where)
    try:
        run = client.get_workflow_handle(request.workflow_id)
        receipt: DecisionReceipt = await run.execute_update(
            DECIDE, decision, result_type=DecisionReceipt, rpc_timeout=PATIENCE
        )
    except WorkflowUpdateFailedError as error:
        raise FarmError(f"the decision was not taken: {error.cause}") from error
    except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError) as error:
        raise _unheard(request, error) from error
    if not receipt.accepted:
        await _write_down(request, decision, receipt.message, where)
    return receipt


async def _write_down(request: ApprovalRequest, decision: Decision, reason: str, where: Addresses) -> None:
    """A decision that didn't count is in the run's trace. That it can't be written changes nothing of what was told."""
    with suppress(SQLAlchemyError, OSError, FarmError):
        async with records(where) as db:
            await RefusedDecisions(db).record(request.workflow_id, decision, reason, datetime.now(UTC))


def _unheard(request: ApprovalRequest, error: Exception) -> FarmError:
    if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
        return FarmError(f"too late: the run {request.workflow_id} has ended")
    return FarmError(
        f"the run {request.workflow_id} didn't answer within {PATIENCE.seconds} s: {error}",
        "Does a worker run (./farm status)? A signal is kept until one does: docs/how-to/decide.md.",
    )


async def _request(approval: str, where: Addresses) -> ApprovalRequest:
    async with records(where) as db:
        record = await Approvals(db).get(approval)
    if record is None:
        raise FarmError(f"no approval is called {approval!r}", "./farm approvals lists what waits.")
    return record.request
