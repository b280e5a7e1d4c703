"""A question in words: what the buttons say, what happens at expiry, how it ended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.agents import AgentSpec
from contracts.approvals import ApprovalRecord, ApprovalRequest, QuestionKind, Verdict

HEADINGS: Mapping[QuestionKind, str] = {
    "consent": "May this be done?",
    "doubt": "Did this happen?",
    "question": "A question",
}


@dataclass(frozen=True)
class Button:
    verdict: Verdict
    label: str
    style: str = ""


BUTTONS: Mapping[QuestionKind, tuple[Button, ...]] = {
    "consent": (Button(Verdict.APPROVE, "Approve", "yes"), Button(Verdict.REJECT, "Reject", "no")),
    "doubt": (
        Button(Verdict.HAPPENED, "It happened", "yes"),
        Button(Verdict.APPROVE, "Do it"),
        Button(Verdict.REJECT, "Skip", "no"),
    ),
    "question": (Button(Verdict.ANSWER, "Send the answer", "yes"),),
}

OTHERWISE: Mapping[QuestionKind, str] = {
    "consent": "it isn't done",
    "doubt": "it stays in doubt, and isn't done again",
    "question": "the agent goes on without an answer",
}

OUTCOMES: Mapping[QuestionKind, Mapping[str, str]] = {
    "consent": {"approved": "Approved", "rejected": "Rejected"},
    "doubt": {"happened": "It happened", "approved": "To be done again", "rejected": "Skipped"},
    "question": {"answered": "Answered", "rejected": "Left unanswered"},
}

UNDECIDED = {
    "expired": "Expired: nobody decided in time",
    "withdrawn": "Withdrawn: the run ended",
    "superseded": "Superseded: news came meanwhile, and the agent looks at it first",
    "forbidden": "Forbidden: a policy that came meanwhile doesn't allow it any more",
}


def at_expiry(request: ApprovalRequest) -> str:
    """What happens where nobody decides in time."""
    if request.at_expiry == "escalate":
        return f"more people are asked; after the last of them {OTHERWISE[request.kind]}"
    if request.at_expiry == "default":
        if request.kind == "question":
            return f"this answer holds: {request.default}" if request.default else OTHERWISE["question"]
        return "it is done as proposed"
    return OTHERWISE[request.kind]


def outcome(record: ApprovalRecord) -> str:
    """How it ended, without by whom; empty while it is open."""
    if record.status == "pending":
        return ""
    if record.decision is not None and record.decision.verdict is Verdict.EDIT:
        return "Approved with changes"
    return OUTCOMES[record.request.kind].get(record.status) or UNDECIDED.get(record.status, record.status.capitalize())


def span(seconds: float) -> str:
    """`3 d 4 h`, `2 h 5 min`, `40 s`: two words at most."""
    left = max(int(seconds), 0)
    found: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or (unit == "s" and not found):
            found.append(f"{count} {unit}")
    return " ".join(found[:2])


def until(moment: datetime, now: datetime) -> str:
    """`in 3 d 4 h`, `2 h ago`."""
    away = (moment - now).total_seconds()
    return f"in {span(away)}" if away >= 0 else f"{span(-away)} ago"


def name_of(agents: Mapping[str, AgentSpec], agent: str, person: str) -> str:
    """A person as people call them, by an id or another name of theirs."""
    people = agents[agent].policy.people if agent in agents else ()
    found = next((each for each in people if each.is_called(person)), None)
    return f"{found.name} ({person})" if found and found.name else person
