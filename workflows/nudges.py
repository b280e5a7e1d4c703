"""What people are told of a question while it waits, in the thread of its message. Pure."""

import re
from collections.abc import Iterable

from contracts.approvals import ApprovalRequest
from workflows import blocks

_SLACK_USER = re.compile(r"[UW][A-Z0-9]+")


def reminder(request: ApprovalRequest, people: Iterable[str]) -> str:
    return f"{_called(people)}This still waits for an answer, {_until(request)}"


def escalation(request: ApprovalRequest, people: Iterable[str]) -> str:
    return f"{_called(people)}Nobody has answered, so you are asked too, {_until(request)}"


def _called(people: Iterable[str]) -> str:
    """Mentions, which is what makes Slack tell somebody. Who is known by no Slack user is named."""
    names = [f"<@{each}>" if _SLACK_USER.fullmatch(each) else blocks.escape(each) for each in people]
    return " ".join(names) + (" " if names else "")


def _until(request: ApprovalRequest) -> str:
    return f"until {request.expires_at:%Y-%m-%d %H:%M} UTC: {blocks.escape(request.what)}"
