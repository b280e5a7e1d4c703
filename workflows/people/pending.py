"""What a policy that came meanwhile makes of a question that waits: stricter, forbidden, or nothing. Pure."""

from collections.abc import Sequence
from datetime import datetime

from contracts.agents import ToolNature
from contracts.approvals import ApprovalRecord, ApprovalRequest
from contracts.policy import ApprovalPolicy, Consent, Rule
from workflows.people.approvers import BY_ITSELF, refusal
from workflows.people.policy import Circumstances, resolved, ruling, stricter


def as_now(
    request: ApprovalRequest,
    rule: Rule,
    nature: ToolNature,
    circumstances: Circumstances,
    policies: Sequence[ApprovalPolicy],
) -> Rule:
    """The rule of a question, as strict as any of these policies would have it. `rule`: by which it is asked now.

    Whoever is asked by an escalation still may decide where a policy escalates to them too.
    """
    for policy in policies:
        then = resolved(policy, ruling(policy, request.tool, nature, request.arguments, circumstances))
        further = [each for group in policy.escalation for each in group if each in rule.approvers]
        known = (*then.approvers, *further) if then.approvers else ()
        rule = stricter(rule, then.model_copy(update={"approvers": known}))
    return rule


def asked_by(request: ApprovalRequest) -> Rule:
    """An open question as the rule that it stands for, with those who are asked by now."""
    return Rule(
        tool=request.tool,
        consent=Consent.ASK,
        why=request.why,
        approvers=request.approvers,
        quorum=request.quorum,
        standing=request.standing,
        at_expiry=request.at_expiry,
        risk=request.risk,
    )


def tightened(record: ApprovalRecord, rule: Rule, policies: Sequence[ApprovalPolicy], now: datetime) -> ApprovalRecord:
    """An open question by a stricter rule. A yes of somebody who may not give it any more doesn't count any more."""
    said = {name: getattr(rule, name) for name in ("approvers", "quorum", "standing", "at_expiry", "risk")}
    request = record.request.model_copy(update=said)
    votes = tuple(
        vote for vote in record.votes if not any(refusal(policy, request, vote.decision, now) for policy in policies)
    )
    return record.model_copy(update={"request": request, "votes": votes})


def falls_short(record: ApprovalRecord, rule: Rule, policies: Sequence[ApprovalPolicy]) -> str:
    """What an approval lacks by a rule; empty where it has all."""
    decision, at = record.decision, record.decided_at
    if decision is None or at is None or decision.channel == "standing":
        return ""
    if decision.channel in BY_ITSELF:
        return "" if rule.at_expiry == "default" else "policy: somebody must say yes now"
    if rule.quorum > record.request.quorum:
        return f"policy: {rule.quorum} people must agree now"
    request = record.request.model_copy(update={"approvers": rule.approvers})
    yes = [vote.decision for vote in record.votes] or [decision]
    refused = next(filter(None, (refusal(each, request, said, at) for each in policies for said in yes)), "")
    return f"policy: {refused}" if refused else ""
