"""Who somebody is by each of their names, who may decide a question, and when those people work. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from contracts.people import Deputy, Hours
from contracts.policy import ApprovalPolicy
from contracts.working_hours import local_day


def person(policy: ApprovalPolicy, name: str) -> str:
    """One person's one name, by whichever he comes: `claire@example.com` -> `U0CLAIRE`. Who isn't known stays as is."""
    return next((each.id for each in policy.people if each.is_called(name)), name)


def may_decide(policy: ApprovalPolicy, approvers: Iterable[str], now: datetime) -> tuple[str, ...]:
    """The approvers, and who decides in their place today. A deputy's deputy doesn't."""
    named = tuple(dict.fromkeys(person(policy, each) for each in approvers))
    deputies = (each for each in policy.deputies if person(policy, each.of) in named and _stands_in(policy, each, now))
    return tuple(dict.fromkeys((*named, *(person(policy, each.by) for each in deputies))))


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
