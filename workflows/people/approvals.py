"""Asking people: which questions are open, and what a decision makes of them.

All of it is pure. A workflow's handlers only put decisions in; its `run` waits for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt, Verdict, Vote
from contracts.approvers import person
from contracts.policy import ApprovalPolicy, Consent, Rule
from workflows.people.approvers import escalated, goes_further, refusal
from workflows.people.pending import tightened
from workflows.people.verdicts import STATUS, may_hold_by_default, proposed, said, too_much, unfit

Unanswered = Literal["expired", "withdrawn", "superseded", "forbidden"]


@dataclass
class Desk:
    """The questions of one run, open and settled, by approval id."""

    records: dict[str, ApprovalRecord] = field(default_factory=dict)
    policy: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    newer: tuple[ApprovalPolicy, ...] = ()
    """Policies that came since the run began. Whoever decides must be allowed to by each."""

    def ask(self, request: ApprovalRequest) -> None:
        self.records[request.id] = ApprovalRecord(request=request)

    def decide(self, decision: Decision, now: datetime) -> DecisionReceipt:
        """Count a decision, if the question is open and in time, and this person may. Says what came of it either way.

        The first no settles a question, and so does the last yes that it needs.
        """
        if refusal := self._refusal(decision, now):
            return DecisionReceipt(accepted=False, message=refusal)
        record = self.records[decision.approval]
        if STATUS[decision.verdict] != "approved":
            return self._settle(record, decision, now)
        # Whoever changes it says yes to something else than those before.
        votes = () if decision.verdict is Verdict.EDIT else record.votes
        record = record.model_copy(
            update={
                "votes": (*votes, Vote(decision=decision, at=now)),
                "approved_arguments": decision.arguments or proposed(record),
            }
        )
        if len(record.votes) >= record.request.quorum:
            return self._settle(record, decision, now)
        self.records[decision.approval] = record
        told = f"counted: {len(record.votes)} of the {record.request.quorum} who must agree"
        return DecisionReceipt(accepted=True, message=told)

    def lapse(self, approval: str, now: datetime) -> None:
        """Close a question whose last term is over: by what policy says that then holds."""
        record = self.records[approval]
        if record.status != "pending":
            return
        request = record.request
        by_default = Decision(approval=approval, verdict=Verdict.APPROVE, by="policy", channel="policy")
        if request.kind == "question" and request.default:
            answer = {"verdict": Verdict.ANSWER, "answer": request.default}
            self._settle(record, by_default.model_copy(update=answer), now)
        elif request.at_expiry == "default" and not record.votes and may_hold_by_default(request):
            record = record.model_copy(update={"approved_arguments": request.arguments})
            self._settle(record, by_default, now)
        else:
            self.close(approval, "expired", now)

    def close(self, approval: str, status: Unanswered, now: datetime) -> None:
        """Close a question that nobody answered: its time is over, or its run is, or its world."""
        record = self.records[approval]
        if record.status == "pending":
            unanswered = {"status": status, "decided_at": now, "approved_arguments": None}
            self.records[approval] = record.model_copy(update=unanswered)

    def hold_to(self, approval: str, rule: Rule, now: datetime) -> None:
        """Go on with an open question by a stricter rule, or not at all where that forbids the call."""
        record = self.records[approval]
        if rule.consent is Consent.DENY:
            self.close(approval, "forbidden", now)
        elif record.status == "pending" and (held := tightened(record, rule, self.policies, now)) != record:
            self.records[approval] = held

    @property
    def policies(self) -> tuple[ApprovalPolicy, ...]:
        return (self.policy, *self.newer)

    def escalate(self, approval: str, term: datetime) -> None:
        """Ask further people, who have until `term`."""
        record = self.records[approval]
        request = record.request
        asked = {
            "approvers": escalated(self.policy, request),
            "level": request.level + 1,
            "expires_at": term,
        }
        self.records[approval] = record.model_copy(update={"request": request.model_copy(update=asked)})

    def remind(self, approval: str, now: datetime) -> int:
        """Note that people were reminded; the reminder's number."""
        record = self.records[approval]
        self.records[approval] = record.model_copy(update={"reminded_at": (*record.reminded_at, now)})
        return len(record.reminded_at) + 1

    def asked(self, approval: str) -> ApprovalRequest | None:
        """The question, if it is open."""
        record = self.records.get(approval)
        return record.request if record and record.status == "pending" else None

    def settled(self, approval: str) -> bool:
        return self.records[approval].status != "pending"

    def open(self) -> tuple[ApprovalRequest, ...]:
        return tuple(record.request for record in self.records.values() if record.status == "pending")

    def _settle(self, record: ApprovalRecord, decision: Decision, now: datetime) -> DecisionReceipt:
        status = STATUS[decision.verdict]
        approved = record.approved_arguments if status == "approved" else None
        settled = {"status": status, "decision": decision, "decided_at": now, "approved_arguments": approved}
        self.records[decision.approval] = record.model_copy(update=settled)
        return DecisionReceipt(accepted=True, message=f"{said(record.request, status)} by {decision.by}")

    def _refusal(self, decision: Decision, now: datetime) -> str:
        record = self.records.get(decision.approval)
        if record is None:
            return f"this run has no approval {decision.approval!r}"
        if record.status != "pending":
            by = f" by {record.decision.by}" if record.decision else ""
            return f"too late: already {said(record.request, record.status)}{by}"
        if now >= record.request.expires_at and not goes_further(self.policy, record.request):
            return f"too late: it expired at {record.request.expires_at:%Y-%m-%d %H:%M} UTC"
        return (
            _first(refusal(each, record.request, decision, now) for each in self.policies)
            or unfit(record, decision)
            or _first(too_much(each, record.request, decision, now) for each in self.policies)
            or self._said_already(record, decision)
        )

    def _said_already(self, record: ApprovalRecord, decision: Decision) -> str:
        """Two people are two people, by whichever names they come."""
        said_yes = {person(self.policy, vote.decision.by) for vote in record.votes}
        if decision.verdict is not Verdict.APPROVE or person(self.policy, decision.by) not in said_yes:
            return ""
        return f"{decision.by} has said yes already, and {record.request.quorum} different people must"


def _first(refusals: Iterable[str]) -> str:
    return next(filter(None, refusals), "")
