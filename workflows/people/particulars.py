"""What a question to a person says besides what would happen, each thing as blocks or a line for Slack. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.approvals import ApprovalRequest, QuestionKind, Reading, Vote
from workflows.people.block_kit import Block, escape, link, listing, person, sections

LONGEST_LIST = 20
"""People that are named."""


@dataclass(frozen=True)
class Words:
    """How a kind of question is put. `header`: for agent and entity. `buttons`: label, action, style."""

    header: str
    otherwise: str
    by_default: str
    buttons: tuple[tuple[str, str, str], ...]
    settled: Mapping[str, str]


WORDS: Mapping[QuestionKind, Words] = {
    "consent": Words(
        header="{} asks about {}",
        otherwise="it isn't done",
        by_default="it is done as proposed",
        buttons=(
            ("Approve", "farm.approve", "primary"),
            ("Edit", "farm.edit", ""),
            ("Reject", "farm.reject", "danger"),
            ("Reject, say why", "farm.why", ""),
        ),
        settled={"approved": "Approved by", "rejected": "Rejected by"},
    ),
    "doubt": Words(
        header="Did this happen? {}, {}",
        otherwise="it stays in doubt and isn't done again",
        by_default="it stays in doubt and isn't done again",
        buttons=(
            ("It happened", "farm.happened", "primary"),
            ("Do it", "farm.approve", ""),
            ("Skip", "farm.reject", "danger"),
        ),
        settled={"happened": "It happened, says", "approved": "Do it, says", "rejected": "Skip it, says"},
    ),
    "question": Words(
        header="{} has a question about {}",
        otherwise="it goes on without an answer",
        by_default="the answer is “{}”",
        buttons=(("Answer", "farm.answer", "primary"), ("No answer", "farm.reject", "danger")),
        settled={"answered": "Answered by", "rejected": "Not answered, says"},
    ),
}


def asked_again(request: ApprovalRequest) -> list[Block]:
    """That it was approved already, and what is different since."""
    if not request.again:
        return []
    return sections(
        f"*Asked again.* It was approved (`{escape(request.again)}`), and since then this has changed: "
        f"{escape(request.changed) or 'something'}"
    )


def wish(request: ApprovalRequest) -> list[Block]:
    """Why the agent wants it: its own words, and to be seen as such."""
    if not request.wish:
        return []
    quoted = "\n".join(f"> {line}" for line in escape(request.wish).splitlines())
    return sections(f"*Why, in the agent's words*\n{quoted}")


def offered(request: ApprovalRequest) -> list[Block]:
    """Of a question: every answer that is offered, whole, for a button's label is short."""
    lines = [escape(choice) for choice in request.choices]
    return listing("*Offered answers*", lines, "`./farm approvals`")


def reading(request: ApprovalRequest) -> list[Block]:
    """What it had read, with a way to look at it."""
    once = dict.fromkeys(_read(each) for each in request.read)
    return listing("*What it had read*", once, "`./farm trace`")


def taint(request: ApprovalRequest) -> list[Block]:
    """That strangers could have had a say in it."""
    if not request.tainted:
        return []
    whose = "It had read what strangers wrote"
    lines = [f":warning: *Strangers may have had a hand in this.* {whose}: {escape(request.tainted)}"]
    if request.suspicious:
        lines.append(f":rotating_light: *Something it read looks like orders to a model.* {escape(request.suspicious)}")
    return sections("\n".join(lines))


def small_print(request: ApprovalRequest, votes: Sequence[Vote]) -> tuple[str, ...]:
    """Which question, what it cost so far, until when, who may decide, how many must."""
    by = f" · proposed by {escape(request.proposed_by[:200])}" if request.proposed_by else ""
    return (
        f"`{request.id}` · spent so far ${request.cost_usd:.4f}{by}",
        f"Answer until {request.expires_at:%Y-%m-%d %H:%M} UTC, else {_otherwise(request)}{_escalated(request)}",
        _who(request),
        _how_many(request, votes),
    )


def _read(reading: Reading) -> str:
    return f"{link(reading.what, reading.url)}{' (written by strangers)' if reading.outside else ''}"


def _otherwise(request: ApprovalRequest) -> str:
    if request.at_expiry == "escalate":
        return f"others are asked as well, and where none of them answers, {_at_the_last(request)}"
    return _at_the_last(request)


def _at_the_last(request: ApprovalRequest) -> str:
    """A question's default holds whatever policy says of calls."""
    words = WORDS[request.kind]
    holds = bool(request.default) if request.kind == "question" else request.at_expiry == "default"
    return words.by_default.format(escape(request.default[:500])) if holds else words.otherwise


def _escalated(request: ApprovalRequest) -> str:
    return {0: "", 1: " · nobody answered so far"}.get(request.level, f" · nobody answered {request.level} times")


def _who(request: ApprovalRequest) -> str:
    if not request.approvers:
        return "Anybody here may decide"
    named = ", ".join(person(each[:100]) for each in request.approvers[:LONGEST_LIST])
    more = f" and {len(request.approvers) - LONGEST_LIST} more" if len(request.approvers) > LONGEST_LIST else ""
    return f"May decide: {named}{more}"


def _how_many(request: ApprovalRequest, votes: Sequence[Vote]) -> str:
    if request.quorum == 1:
        return ""
    said = ", ".join(person(vote.decision.by[:100]) for vote in votes[:LONGEST_LIST]) or "nobody yet"
    return f"{request.quorum} people must say yes, {len(votes)} did: {said}. One no is a no"
