"""Slack Block Kit for what a run shows to people: a question, its outcome, the report. Pure.

Format: https://docs.slack.dev/reference/block-kit (a section's text holds at most 3000 characters, a header's 150,
a message 50 blocks).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from contracts.approvals import ApprovalRecord, ApprovalRequest, QuestionKind, Verdict
from contracts.calls import ToolReply

SECTION_LIMIT = 2900
# Of the 50 blocks: what is left beside the question, its context and its buttons.
ARGUMENT_BLOCKS = 44

Block = JsonValue


UNANSWERED = {
    "expired": "Expired without an answer",
    "withdrawn": "Withdrawn, the run ended",
    "forbidden": "Forbidden by a policy that came meanwhile",
    "superseded": "Superseded: news came meanwhile, and the agent looks at it first",
}


@dataclass(frozen=True)
class Words:
    """How a kind of question is put. `header`: for agent and entity. `buttons`: label, action, style."""

    header: str
    otherwise: str
    buttons: tuple[tuple[str, str, str], ...]
    settled: Mapping[str, str]


WORDS: Mapping[QuestionKind, Words] = {
    "consent": Words(
        header="{} asks about {}",
        otherwise="it isn't done",
        buttons=(
            ("Approve", "farm.approve", "primary"),
            ("Edit", "farm.edit", ""),
            ("Reject", "farm.reject", "danger"),
        ),
        settled={"approved": "Approved by", "rejected": "Rejected by"},
    ),
    "doubt": Words(
        header="Did this happen? {}, {}",
        otherwise="it stays in doubt and isn't done again",
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
        buttons=(("Answer", "farm.answer", "primary"), ("Reject", "farm.reject", "danger")),
        settled={"answered": "Answered by", "rejected": "Rejected by"},
    ),
}


class Report(Protocol):
    """What an agent's report must have to be shown."""

    @property
    def headline(self) -> str: ...
    @property
    def what_happened(self) -> str: ...
    @property
    def what_i_did(self) -> list[str]: ...
    @property
    def next_step(self) -> str: ...


def in_words(tool: str, arguments: dict[str, JsonValue]) -> str:
    """One plain line of what a call would do: `send mail: to j@b.example, subject Offer`."""
    verb = tool.rpartition("__")[2].replace("_", " ")
    shown = ", ".join(f"{key} {_short(value)}" for key, value in arguments.items() if key != "body")
    return f"{verb}: {shown}" if shown else verb


def deed(step: str, tool: str, arguments: dict[str, JsonValue], reply: ToolReply) -> str:
    """One line of what a run did, and what came of it."""
    how = "in doubt" if reply.in_doubt else "failed" if reply.is_error else "done"
    return f"{step} {how}: {in_words(tool, arguments)} -> {_short(reply.preview)}"


def differences(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> str:
    """The arguments a person changed: `subject from "A" to "B"`."""
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return "; ".join(
        f"{key} from {json.dumps(before.get(key), ensure_ascii=False)} "
        f"to {json.dumps(after.get(key), ensure_ascii=False)}"
        for key in changed
    )


def approval(request: ApprovalRequest) -> list[Block]:
    """The question, what would run or was begun word for word, and the three buttons."""
    value = json.dumps({"approval": request.id, "workflow": request.workflow_id})
    words = WORDS[request.kind]
    return [
        _header(words.header.format(request.agent, request.entity)),
        *_sections(f"*{escape(request.what)}*\n{escape(request.why)}"),
        *_arguments(request.arguments),
        _context(
            f"`{request.id}` · spent so far ${request.cost_usd:.4f} · "
            f"answer until {request.expires_at:%Y-%m-%d %H:%M} UTC, else {words.otherwise}"
        ),
        {
            "type": "actions",
            "block_id": f"farm.{request.id}",
            "elements": [_button(label, action, value, style) for label, action, style in words.buttons],
        },
    ]


def outcome_line(record: ApprovalRecord) -> str:
    """One line of who decided what, in Slack's mrkdwn."""
    what = escape(record.request.what)
    if record.decision is None:
        return f"{UNANSWERED[record.status]}: {what}"
    by = escape(record.decision.by)
    by = f"<@{by}>" if record.decision.channel == "slack" else by
    edited = ", with changes" if record.decision.verdict is Verdict.EDIT else ""
    reason = f" ({escape(record.decision.reason)})" if record.decision.reason else ""
    return f"{WORDS[record.request.kind].settled[record.status]} {by}{edited}{reason}: {what}"


def outcome(record: ApprovalRecord) -> list[Block]:
    """The question's message once it is settled: no buttons left."""
    when = f"{record.decided_at:%Y-%m-%d %H:%M} UTC" if record.decided_at else ""
    channel = f" by {record.decision.channel}" if record.decision else ""
    return [
        _header(f"{record.request.agent} asked about {record.request.entity}"),
        *_sections(f"*{outcome_line(record)}*"),
        *_arguments(record.approved_arguments or record.request.arguments),
        _context(f"`{record.request.id}` · {when}{channel}"),
    ]


def report(report: Report, entity: str, run: str, cost_usd: float) -> list[Block]:
    """The run's report, for the people who own the deal."""
    did = "\n".join(f"• {escape(line)}" for line in report.what_i_did) or "• nothing"
    return [
        _header(report.headline),
        *_sections(escape(report.what_happened)),
        *_sections(f"*What I did*\n{did}"),
        *_sections(f"*Next*\n{escape(report.next_step)}"),
        _context(f"{entity} · `{run}` · ${cost_usd:.4f}"),
    ]


def _arguments(arguments: dict[str, JsonValue]) -> list[Block]:
    """Every argument, whole: a person approves what they can read. Where a message has no room left, it says so."""
    shown = [block for key, value in arguments.items() for block in _sections(f"*{key}*\n{escape(_text(value))}")]
    if len(shown) <= ARGUMENT_BLOCKS:
        return shown
    return [*shown[: ARGUMENT_BLOCKS - 1], _context("*Too long for Slack.* Read the whole with `./farm approvals`.")]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(value: JsonValue) -> str:
    text = " ".join(_text(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  a line in a list


def escape(text: str) -> str:
    """Text as mrkdwn shows it literally: without this, `<!channel>` in a client's mail would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text[:150]}}


def _sections(markup: str) -> list[Block]:
    """As many sections as the text needs, none ending within an escaped character."""
    pieces = [""]
    for shown in re.findall(r"&\w+;|.", markup, re.DOTALL):
        if len(pieces[-1]) + len(shown) > SECTION_LIMIT:
            pieces.append("")
        pieces[-1] += shown
    return [{"type": "section", "text": {"type": "mrkdwn", "text": piece or " "}} for piece in pieces]


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _button(label: str, action: str, value: str, style: str = "") -> Block:
    button: dict[str, JsonValue] = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action,
        "value": value,
    }
    return {**button, "style": style} if style else button
