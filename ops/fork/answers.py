"""What the record answers to a call of a fork. Pure: over the past alone."""

import json
from typing import Any

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict
from contracts.calls import ToolCall
from contracts.effects import arguments_hash
from contracts.names import EXTEND_BUDGET
from store.past import Deed, Past

VERDICTS = {"approved": Verdict.APPROVE, "rejected": Verdict.REJECT, "expired": Verdict.REJECT}


def as_then(value: Any, now: str, then: str) -> Any:
    """The same value with the run's name of then in place of the fork's: some arguments carry it."""
    return json.loads(json.dumps(value).replace(json.dumps(now)[1:-1], json.dumps(then)[1:-1]))


def same_call(past: Past, fork: str, call: ToolCall) -> Deed | None:
    """The call on record of the same tool with the same arguments; of several the one of the same step, or the last."""
    wanted = arguments_hash(as_then(call.arguments, fork, past.run.run))
    found = [
        deed
        for deed in past.deeds.values()
        if (deed.server, deed.tool) == (call.server, call.tool) and arguments_hash(deed.arguments) == wanted
    ]
    return next((deed for deed in found if deed.step == call.site.step), found[-1] if found else None)


def decision_for(past: Past, fork: str, request: ApprovalRequest) -> tuple[Decision, str]:
    """What is answered to a question of a fork, and why so: as people did then, else yes, for nothing is done."""
    wanted = arguments_hash(as_then(request.arguments, fork, past.run.run))
    for then in past.questions:
        if then.request.tool == request.tool and arguments_hash(then.request.arguments) == wanted:
            return _again(then, request)
    if request.tool == EXTEND_BUDGET:
        # This one would cost money for real, and nobody has said that it may.
        return _said(request, Verdict.REJECT, "a fork's budget is not extended"), "refused: a fork gets no more budget"
    return _said(request, Verdict.APPROVE, ""), "approved, as a dry run: nobody was asked this then"


def _again(then: ApprovalRecord, request: ApprovalRequest) -> tuple[Decision, str]:
    verdict = VERDICTS.get(then.status, Verdict.APPROVE)
    by = then.decision.by if then.decision else ""
    reason = then.decision.reason if then.decision else ""
    if then.status == "approved" and then.approved_arguments not in (None, then.request.arguments):
        edited = _said(request, Verdict.EDIT, reason).model_copy(update={"arguments": then.approved_arguments})
        return edited, f"edited as {by} did then"
    told = f"{then.status} then{f' by {by}' if by else ''}"
    return _said(request, verdict, reason or (told if verdict is Verdict.REJECT else "")), told


def _said(request: ApprovalRequest, verdict: Verdict, reason: str) -> Decision:
    return Decision(approval=request.id, verdict=verdict, by="the fork", reason=reason)
