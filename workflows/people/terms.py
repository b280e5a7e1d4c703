"""How long people have for a question, and when they are reminded of it. Pure."""

from collections.abc import Iterable
from datetime import datetime

from contracts.approvers import hours, may_decide
from contracts.policy import ApprovalPolicy
from contracts.working_hours import at_work, worked


def term(policy: ApprovalPolicy, approvers: Iterable[str], since: datetime) -> datetime:
    """Until when those who are asked since then may answer: not before they had some working time for it."""
    working = hours(policy, may_decide(policy, approvers, since))
    return max(since + policy.expires_after, worked(since, policy.least_working_time, working))


def reminder(policy: ApprovalPolicy, approvers: Iterable[str], since: datetime, after: datetime) -> datetime | None:
    """When those who are asked `since` are reminded next, after a moment; None where no more comes.

    Only while somebody of them works: what comes due at night is one reminder in the morning.
    """
    working = hours(policy, may_decide(policy, approvers, since))
    due, gap = since, policy.reminders.first
    for _ in range(policy.reminders.most):
        due, gap = due + gap, gap * policy.reminders.factor
        if (moment := at_work(due, working)) > after:
            return moment
    return None
