"""Whether somebody may decide a question, and who is asked besides where nobody does. Pure."""

from datetime import datetime

from contracts.approvals import ApprovalRequest, Decision
from contracts.approvers import may_decide, person
from contracts.policy import ApprovalPolicy

TRUSTED = {"operator", "cli"}
"""Whoever reaches Temporal or the farm's shell has the operator's rights already. Slack's buttons are seen by the whole
channel, and the page by everybody who can sign in.
"""

BY_ITSELF = {"standing", "policy"}
"""What a record says of a decision that nobody made just now."""


def refusal(policy: ApprovalPolicy, request: ApprovalRequest, decision: Decision, now: datetime) -> str:
    """Why this person may not decide this question; empty where he may."""
    if decision.channel in BY_ITSELF:
        return f"nobody decides by way of {decision.channel}: it holds by itself, or doesn't"
    who = person(policy, decision.by)
    if request.requester and not policy.own_wish and who == person(policy, request.requester):
        return f"{decision.by} asked for this, and somebody else must decide it"
    if decision.channel in TRUSTED or not request.approvers or who in may_decide(policy, request.approvers, now):
        return ""
    return f"{decision.by} is not among those who may decide this"


def goes_further(policy: ApprovalPolicy, request: ApprovalRequest) -> bool:
    """Whether there are further people to ask when the term is over."""
    return request.at_expiry == "escalate" and request.level < len(policy.escalation)


def escalated(policy: ApprovalPolicy, request: ApprovalRequest) -> tuple[str, ...]:
    """Who may decide after one more escalation: those who were asked still may."""
    # Nobody named is everybody, and more than everybody there is not.
    further = policy.escalation[request.level] if request.approvers else ()
    return tuple(dict.fromkeys((*request.approvers, *further)))
