"""Who may decide a question, and when those people work. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from contracts.approvals import ApprovalRequest, Decision
from contracts.people import Deputy, Hours
from contracts.policy import ApprovalPolicy
from contracts.working_hours import local_day

TRUSTED = {"operator", "cli"}
"""Whoever reaches Temporal or the farm's shell has the operator's rights already. Slack's buttons are seen by the whole
channel, and the page by everybody who can sign in.
"""

BY_ITSELF = {"standing", "policy"}
"""What a record says of a decision that nobody made just now."""


def person(policy: ApprovalPolicy, name: str) -> str:
    """One person's one name, by whichever he comes: `claire@example.com` -> `U0CLAIRE`. Who isn't known stays as is."""
    return next((each.id for each in policy.people if each.is_called(name)), name)


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


def may_decide(policy: ApprovalPolicy, approvers: Iterable[str], now: datetime) -> tuple[str, ...]:
    """The approvers, and who decides in their place today. A deputy's deputy doesn't."""
    named = tuple(dict.fromkeys(person(policy, each) for each in approvers))
    deputies = (each for each in policy.deputies if person(policy, each.of) in named and _stands_in(policy, each, now))
    return tuple(dict.fromkeys((*named, *(person(policy, each.by) for each in deputies))))


def goes_further(policy: ApprovalPolicy, request: ApprovalRequest) -> bool:
    """Whether there are further people to ask when the term is over."""
    return request.at_expiry == "escalate" and request.level < len(policy.escalation)


def escalated(policy: ApprovalPolicy, request: ApprovalRequest) -> tuple[str, ...]:
    """Who may decide after one more escalation: those who were asked still may."""
    # Nobody named is everybody, and more than everybody there is not.
    further = policy.escalation[request.level] if request.approvers else ()
    return tuple(dict.fromkeys((*request.approvers, *further)))


def hours(policy: ApprovalPolicy, people: Collection[str]) -> tuple[Hours, ...]:
    """When they work. Empty, which is at any time, where one of them has no hours or nobody is named."""
    known = [each.hours for each in policy.people if each.id in people]
    found = tuple(each for each in known if each is not None)
    return found if len(found) == len(people) else ()


def _stands_in(policy: ApprovalPolicy, deputy: Deputy, now: datetime) -> bool:
    today = _today(policy, person(policy, deputy.of), now)
    return (deputy.since is None or deputy.since <= today) and (deputy.until is None or today <= deputy.until)


def _today(policy: ApprovalPolicy, who: str, now: datetime) -> date:
    """The day where the person lives whose place is taken; UTC's where that isn't known."""
    mine = hours(policy, (who,))
    return local_day(now, mine[0].time_zone) if mine else now.date()
