"""Slack Block Kit for what a run shows to people: a question, its outcome, the report. Pure.

Format: https://docs.slack.dev/reference/block-kit (a section's text holds at most 3000 characters, a header's 150).
"""

import json
from typing import Protocol

from pydantic import JsonValue

from contracts.approvals import ApprovalRecord, ApprovalRequest, Verdict

SECTION_LIMIT = 2900
SHOWN_VALUE = 1500

Block = JsonValue


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


def differences(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> str:
    """The arguments a person changed: `subject from "A" to "B"`."""
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return "; ".join(
        f"{key} from {json.dumps(before.get(key), ensure_ascii=False)} "
        f"to {json.dumps(after.get(key), ensure_ascii=False)}"
        for key in changed
    )


def approval(request: ApprovalRequest) -> list[Block]:
    """The question, what would run word for word, and the three buttons."""
    value = json.dumps({"approval": request.id, "workflow": request.workflow_id})
    return [
        _header(f"{request.agent} asks about {request.entity}"),
        _section(f"*{_escape(request.what)}*\n{_escape(request.why)}"),
        *_arguments(request.arguments),
        _context(
            f"`{request.id}` · spent so far ${request.cost_usd:.4f} · "
            f"answer until {request.expires_at:%Y-%m-%d %H:%M} UTC, else it isn't done"
        ),
        {
            "type": "actions",
            "block_id": f"farm.{request.id}",
            "elements": [
                _button("Approve", "farm.approve", value, "primary"),
                _button("Edit", "farm.edit", value),
                _button("Reject", "farm.reject", value, "danger"),
            ],
        },
    ]


def outcome_line(record: ApprovalRecord) -> str:
    """One line of who decided what."""
    if record.decision is None:
        return f"Expired without an answer: {record.request.what}"
    by = f"<@{record.decision.by}>" if record.decision.channel == "slack" else record.decision.by
    edited = ", with changes" if record.decision.verdict is Verdict.EDIT else ""
    reason = f" ({record.decision.reason})" if record.decision.reason else ""
    return f"{record.status.capitalize()} by {by}{edited}{reason}: {record.request.what}"


def outcome(record: ApprovalRecord) -> list[Block]:
    """The question's message once it is settled: no buttons left."""
    when = f"{record.decided_at:%Y-%m-%d %H:%M} UTC" if record.decided_at else ""
    channel = f" by {record.decision.channel}" if record.decision else ""
    return [
        _header(f"{record.request.agent} asked about {record.request.entity}"),
        _section(f"*{outcome_line(record)}*"),
        *_arguments(record.executed_arguments or record.request.arguments),
        _context(f"`{record.request.id}` · {when}{channel}"),
    ]


def report(report: Report, entity: str, run: str, cost_usd: float) -> list[Block]:
    """The run's report, for the people who own the deal."""
    did = "\n".join(f"• {_escape(line)}" for line in report.what_i_did) or "• nothing"
    return [
        _header(report.headline),
        _section(_escape(report.what_happened)),
        _section(f"*What I did*\n{did}"),
        _section(f"*Next*\n{_escape(report.next_step)}"),
        _context(f"{entity} · `{run}` · ${cost_usd:.4f}"),
    ]


def _arguments(arguments: dict[str, JsonValue]) -> list[Block]:
    return [_section(f"*{key}*\n{_escape(_text(value)[:SHOWN_VALUE])}") for key, value in arguments.items()]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(value: JsonValue) -> str:
    text = _text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  a line in a list


def _escape(text: str) -> str:
    # The three characters that Slack's mrkdwn wants escaped.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text[:150]}}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION_LIMIT] or " "}}


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
