"""Asking people: which questions are open, and whether a decision counts.

All of it is pure. A workflow's handlers only put decisions in; its `run` waits for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contracts.approvals import ApprovalRecord, ApprovalRequest, ApprovalStatus, Decision, DecisionReceipt, Verdict

STATUS: Mapping[Verdict, ApprovalStatus] = {
    Verdict.APPROVE: "approved",
    Verdict.EDIT: "approved",
    Verdict.REJECT: "rejected",
    Verdict.HAPPENED: "happened",
}

_OF_A_DOUBT = {"approved": "to be done again, as decided", "rejected": "skipped", "happened": "said to have happened"}


def said(request: ApprovalRequest, status: str) -> str:
    """A settled question's status in words that fit what was asked, to go before `by claire`."""
    return _OF_A_DOUBT.get(status, status) if request.kind == "doubt" else status


@dataclass
class Desk:
    """The questions of one run, open and settled, by approval id."""

    records: dict[str, ApprovalRecord] = field(default_factory=dict)

    def ask(self, request: ApprovalRequest) -> None:
        self.records[request.id] = ApprovalRecord(request=request)

    def decide(self, decision: Decision, now: datetime) -> DecisionReceipt:
        """Settle a question, if it is open, in time, and this person may. Says what came of it either way."""
        refusal = self._refusal(decision, now)
        if refusal:
            return DecisionReceipt(accepted=False, message=refusal)
        record = self.records[decision.approval]
        approved = _approved_arguments(record, decision)
        status = STATUS[decision.verdict]
        self.records[decision.approval] = record.model_copy(
            update={
                "status": status,
                "decision": decision,
                "decided_at": now,
                "approved_arguments": approved,
            }
        )
        return DecisionReceipt(accepted=True, message=f"{said(record.request, status)} by {decision.by}")

    def close(self, approval: str, status: Literal["expired", "withdrawn", "superseded"], now: datetime) -> None:
        """Close a question that nobody answered: its time is over, or its run is, or its world."""
        record = self.records[approval]
        if record.status == "pending":
            self.records[approval] = record.model_copy(update={"status": status, "decided_at": now})

    def asked(self, approval: str) -> ApprovalRequest | None:
        """The question, if it is open."""
        record = self.records.get(approval)
        return record.request if record and record.status == "pending" else None

    def settled(self, approval: str) -> bool:
        return self.records[approval].status != "pending"

    def open(self) -> tuple[ApprovalRequest, ...]:
        return tuple(record.request for record in self.records.values() if record.status == "pending")

    def _refusal(self, decision: Decision, now: datetime) -> str:
        record = self.records.get(decision.approval)
        if record is None:
            return f"this run has no approval {decision.approval!r}"
        if record.status != "pending":
            by = f" by {record.decision.by}" if record.decision else ""
            return f"too late: already {said(record.request, record.status)}{by}"
        if now >= record.request.expires_at:
            return f"too late: it expired at {record.request.expires_at:%Y-%m-%d %H:%M} UTC"
        return _unfit(record.request, decision)


def _unfit(request: ApprovalRequest, decision: Decision) -> str:
    """What is wrong with a decision on an open question, by whoever's fault."""
    if not _may_decide(request, decision):
        return f"{decision.by} is not among those who may decide this"
    if decision.verdict is Verdict.HAPPENED and request.kind != "doubt":
        return "nothing was begun yet that could have happened: approve, edit or reject"
    if decision.verdict is Verdict.EDIT and request.kind == "doubt":
        return "what was begun can't be edited any more: it happened, do it (approve) or skip (reject)"
    if decision.verdict is Verdict.EDIT and not decision.arguments:
        return "an edit needs the arguments to run instead"
    if decision.verdict is Verdict.APPROVE and decision.arguments is not None:
        return "approve takes no arguments: to change them, edit"
    return ""


def _may_decide(request: ApprovalRequest, decision: Decision) -> bool:
    # Whoever reaches Temporal or the farm's shell has the operator's rights already; Slack's buttons are
    # seen by the whole channel.
    return decision.channel in {"operator", "cli"} or not request.approvers or decision.by in request.approvers


def _approved_arguments(record: ApprovalRecord, decision: Decision) -> dict | None:  # type: ignore[type-arg]
    if decision.verdict in {Verdict.REJECT, Verdict.HAPPENED}:
        return None
    return decision.arguments if decision.verdict is Verdict.EDIT else record.request.arguments
