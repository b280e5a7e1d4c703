"""What people are told of a question while it waits, in the thread of its message. Pure."""

from collections.abc import Iterable

from contracts.approvals import ApprovalRequest
from workflows.people.block_kit import escape, person


def reminder(request: ApprovalRequest, people: Iterable[str]) -> str:
    return f"{_called(people)}This still waits for an answer, {_until(request)}"


def escalation(request: ApprovalRequest, people: Iterable[str]) -> str:
    return f"{_called(people)}Nobody has answered, so you are asked too, {_until(request)}"


def _called(people: Iterable[str]) -> str:
    """Mentions, which is what makes Slack tell somebody. Who is known by no Slack user is named."""
    names = [person(each) for each in people]
    return " ".join(names) + (" " if names else "")


def _until(request: ApprovalRequest) -> str:
    return f"until {request.expires_at:%Y-%m-%d %H:%M} UTC: {escape(request.what)}"
