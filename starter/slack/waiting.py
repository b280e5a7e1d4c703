"""What waits for a person: `/farm` with nothing after it, and the app's home tab."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from contracts.approvals import ApprovalRecord, ApprovalRequest
from starter.people import People

MOST = 20
"""Questions that are listed; more are counted."""

LONGEST_LINE = 200
LONGEST_SECTION = 3000


class Pending(Protocol):
    """The part of `store.approvals.Approvals` that is used here."""

    async def pending(self) -> Sequence[ApprovalRecord]: ...


class Waiting:
    """Reads what is pending, and tells it by whose it is."""

    def __init__(self, approvals: Pending, people: People, page: str = "") -> None:
        """`page`: as people's browsers reach the starter; empty where they don't."""
        self._approvals = approvals
        self._people = people
        self._page = page

    async def for_whom(self, user: str) -> str:
        """In Slack's mrkdwn: the questions that this user may decide, one a line, and how many are others'."""
        now = datetime.now(UTC)
        open_yet = [each.request for each in await self._approvals.pending() if each.request.expires_at > now]
        theirs = [request for request in open_yet if self._people.may_decide(request, user)]
        return told(theirs, len(open_yet) - len(theirs), self._page)


def told(theirs: Sequence[ApprovalRequest], others: int, page: str) -> str:
    """The list in words. The ids are those of `./farm approve` and of the messages themselves, and lead to the page."""
    lines = [_head(len(theirs)), *(_line(each, page) for each in theirs[:MOST])]
    if len(theirs) > MOST:
        lines.append(f"and {len(theirs) - MOST} more: `./farm approvals` lists them all")
    if others:
        lines.append(f"{_questions(others)} for others.")
    return "\n".join(lines)


def home(text: str) -> dict[str, Any]:
    """A view for `views.publish`: docs.slack.dev/reference/views/home-tab-views. Whole lines in each section."""
    pieces = [""]
    for line in text.splitlines():
        if len(pieces[-1]) + len(line) + 1 > LONGEST_SECTION:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]}\n{line}" if pieces[-1] else line
    return {
        "type": "home",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": each}} for each in pieces],
    }


def _head(count: int) -> str:
    return f"*{_questions(count)} for you:*" if count else "Nothing waits for you."


def _questions(count: int) -> str:
    return "1 question waits" if count == 1 else f"{count} questions wait"


def _line(request: ApprovalRequest, page: str) -> str:
    what = request.what if len(request.what) <= LONGEST_LINE else f"{request.what[: LONGEST_LINE - 3]}..."
    risk = " *High risk.*" if request.risk == "high" else ""
    until = f"until {request.expires_at:%Y-%m-%d %H:%M} UTC"
    name = f"<{page}/approvals/{request.id}|{request.id}>" if page else f"`{request.id}`"
    return f"• {name} {request.agent}, {request.entity}: {_escaped(what)} ({until}).{risk}"


def _escaped(text: str) -> str:
    """As mrkdwn shows it literally: a client's `<!channel>` calls nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
