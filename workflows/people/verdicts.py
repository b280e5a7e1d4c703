"""What a decision says: whether it fits its question, and what it makes of it. Pure."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from contracts.approvals import ApprovalRecord, ApprovalRequest, ApprovalStatus, Decision, QuestionKind, Verdict
from contracts.effects import arguments_hash
from contracts.policy import ApprovalPolicy

STATUS: Mapping[Verdict, ApprovalStatus] = {
    Verdict.APPROVE: "approved",
    Verdict.EDIT: "approved",
    Verdict.REJECT: "rejected",
    Verdict.HAPPENED: "happened",
    Verdict.ANSWER: "answered",
}

FITTING: Mapping[QuestionKind, tuple[frozenset[Verdict], str]] = {
    "consent": (
        frozenset({Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT}),
        "nothing was begun yet that could have happened: approve, edit or reject",
    ),
    "doubt": (
        frozenset({Verdict.HAPPENED, Verdict.APPROVE, Verdict.REJECT}),
        "what was begun can't be edited any more: it happened, do it (approve) or skip (reject)",
    ),
    "question": (frozenset({Verdict.ANSWER, Verdict.REJECT}), "this is a question in words: answer it, or reject it"),
}
"""Which verdicts fit a kind of question, and what whoever gives another is told."""

FARMS_OWN = "farm__"
"""What the farm itself asks about (a budget, a stopped entity) is no call with arguments that a person could better."""

_OF_A_DOUBT = {"approved": "to be done again, as decided", "rejected": "skipped", "happened": "said to have happened"}


def said(request: ApprovalRequest, status: str) -> str:
    """A settled question's status in words that fit what was asked, to go before `by claire`."""
    return _OF_A_DOUBT.get(status, status) if request.kind == "doubt" else status


def proposed(record: ApprovalRecord) -> dict[str, JsonValue]:
    """What would run now: as the agent proposed it, or as the last person changed it while others must still agree."""
    return record.request.arguments if record.approved_arguments is None else record.approved_arguments


def may_hold_by_default(request: ApprovalRequest) -> bool:
    """Whether silence may be consent: to a call it may, never to more money or to a stopped entity's going on."""
    return request.kind == "consent" and not request.tool.startswith(FARMS_OWN)


def unfit(record: ApprovalRecord, decision: Decision) -> str:
    """What is wrong with what is decided, whoever decides it."""
    fitting, otherwise = FITTING[record.request.kind]
    if decision.verdict not in fitting:
        return otherwise
    if decision.arguments_hash and decision.arguments_hash != arguments_hash(proposed(record)):
        return "what you saw is not what would run now: look at it again, and decide then"
    if decision.verdict is Verdict.EDIT:
        return _unfit_edit(record.request, decision)
    if decision.verdict is Verdict.APPROVE and decision.arguments is not None:
        return "approve takes no arguments: to change them, edit"
    if decision.verdict is Verdict.ANSWER and not decision.answer.strip():
        return "an answer needs some words"
    return ""


def _unfit_edit(request: ApprovalRequest, decision: Decision) -> str:
    if request.tool.startswith(FARMS_OWN):
        return "there is nothing to edit about this: approve or reject it"
    return "" if decision.arguments else "an edit needs the arguments to run instead"


def too_much(policy: ApprovalPolicy, request: ApprovalRequest, decision: Decision, now: datetime) -> str:
    """What is wrong with saying yes to further calls too; empty where nobody does."""
    if decision.always is None:
        return ""
    if decision.verdict is not Verdict.APPROVE or request.standing is None:
        return "this can't be allowed beforehand: approve it alone"
    if decision.always.scope == "agent" and request.standing != "agent":
        return f"this can be allowed beforehand for {request.entity} only, and not for all that {request.agent} does"
    today, last = now.date(), (now + policy.longest_standing).date()
    if not today <= decision.always.until <= last:
        return f"this can be allowed beforehand from today to {last}, and not until {decision.always.until}"
    return ""
