"""Slack Block Kit for what a run shows to people: a question, its outcome, the report. Pure."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from pydantic import JsonValue

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict, Vote
from contracts.calls import ToolReply, Usage
from workflows.people.block_kit import (
    LONGEST_VALUE,
    MOST_BLOCKS,
    Block,
    button,
    context,
    escape,
    header,
    person,
    sections,
)
from workflows.people.particulars import WORDS, asked_again, offered, reading, small_print, taint, wish

MOST_CHOICES = 20
"""Buttons for offered answers: an actions block holds 25."""

UNANSWERED = {
    "approved": "Nobody answered, so it is done as proposed",
    "rejected": "Nobody answered, so it isn't done",
    "answered": "Nobody answered, so the default holds",
    "expired": "Expired without an answer",
    "withdrawn": "Withdrawn, the run ended",
    "superseded": "Superseded: news came meanwhile, and the agent looks at it first",
    "forbidden": "Forbidden by a policy that came meanwhile",
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


def approval(request: ApprovalRequest, votes: Sequence[Vote] = ()) -> list[Block]:
    """The question: what would run or was begun word for word, what else there is to know, and the buttons."""
    risk = ":warning: High risk: " if request.risk == "high" else ""
    head = [
        header(risk + WORDS[request.kind].header.format(request.agent, request.entity)),
        *asked_again(request),
        *sections(f"*{escape(request.what)}*\n{escape(request.why)}"),
        *wish(request),
    ]
    tail: list[Block] = [
        *offered(request),
        *taint(request),
        *reading(request),
        context(*small_print(request, votes)),
        {"type": "actions", "block_id": f"farm.{request.id}", "elements": _buttons(request)},
    ]
    # Of a question in words, all that its call says stands in the question already.
    runs = {} if request.kind == "question" else request.arguments
    return [*head, *_arguments(runs, MOST_BLOCKS - len(head) - len(tail)), *tail]


def _buttons(request: ApprovalRequest) -> list[Block]:
    about = {"approval": request.id, "workflow": request.workflow_id, "hash": request.arguments_hash}
    value = json.dumps(about)
    choices = [
        (choice, f"farm.choice.{number}", json.dumps({**about, "answer": choice}, ensure_ascii=False))
        for number, choice in enumerate(request.choices[:MOST_CHOICES])
    ]
    always = [button("Always...", "farm.always", value)] if request.standing and request.kind == "consent" else []
    return [
        *(button(label, action, said) for label, action, said in choices if len(said) <= LONGEST_VALUE),
        *(button(label, action, value, style) for label, action, style in WORDS[request.kind].buttons),
        *always,
    ]


def outcome_line(record: ApprovalRecord) -> str:
    """One line of who decided what, in Slack's mrkdwn."""
    what = escape(record.request.what)
    if record.decision is None:
        return f"{UNANSWERED.get(record.status, f'{record.status.capitalize()} without an answer')}: {what}"
    decision = record.decision
    if decision.channel == "policy":
        return f"{UNANSWERED[record.status]}: {what}"
    by = f"<@{escape(decision.by)}>" if decision.channel == "slack" else escape(decision.by)
    edited = ", with changes" if decision.verdict is Verdict.EDIT else ""
    reason = f" ({escape(decision.reason)})" if decision.reason else ""
    settled = WORDS[record.request.kind].settled.get(record.status, f"{record.status.capitalize()} by")
    return f"{settled} {by}{edited}{reason}{_always(record.request, decision)}: {what}"


def outcome(record: ApprovalRecord) -> list[Block]:
    """The question's message once it is settled: no buttons left."""
    request, decision = record.request, record.decision
    when = f"{record.decided_at:%Y-%m-%d %H:%M} UTC" if record.decided_at else ""
    channel = f" by {decision.channel}" if decision and decision.channel != "policy" else ""
    yes = ", ".join(person(vote.decision.by[:100]) for vote in record.votes[:MOST_CHOICES])
    head = [
        header(f"{request.agent} asked about {request.entity}"),
        *sections(f"*{outcome_line(record)}*"),
        *(sections(f"*The answer*\n{escape(decision.answer)}") if decision and decision.answer else []),
    ]
    tail = [
        *_edited(request, record.approved_arguments),
        context(f"`{request.id}` · {when}{channel}", f"Yes from {yes}" if yes else ""),
    ]
    shown = {} if request.kind == "question" else record.approved_arguments or request.arguments
    return [*head, *_arguments(shown, MOST_BLOCKS - len(head) - len(tail)), *tail]


def _edited(request: ApprovalRequest, approved: dict[str, JsonValue] | None) -> list[Block]:
    """What is different from what was proposed, as far as a section goes: the whole stands above it."""
    changed = differences(request.arguments, approved) if approved else ""
    return sections(f"*Changed*: {escape(changed)}")[:1] if changed else []


def _always(request: ApprovalRequest, decision: Decision) -> str:
    if decision.always is None:
        return ""
    whose = request.entity if decision.always.scope == "entity" else f"all that {request.agent} works on"
    return f", and the next ones for {escape(whose)} until {decision.always.until:%Y-%m-%d}"


def stood_in(standbys: Mapping[str, int]) -> list[str]:
    """In words, one for each model in whose place another answered: `<model> instead of <model> -> how often`."""
    times = ((who, "once" if often == 1 else f"{often} times") for who, often in standbys.items())
    return [f"a standby answered: {who}, {often}" for who, often in times]


def report(
    report: Report,
    entity: str,
    run: str,
    cost_usd: float,
    standbys: Mapping[str, int] = MappingProxyType({}),
    *,
    usage: Usage = Usage(),  # noqa: B008  frozen
) -> list[Block]:
    """The run's report, for the people who own the deal."""
    did = "\n".join(f"• {escape(line)}" for line in report.what_i_did) or "• nothing"
    return [
        header(report.headline),
        *sections(escape(report.what_happened)),
        *sections(f"*What I did*\n{did}"),
        *sections(f"*Next*\n{escape(report.next_step)}"),
        *(context(f":warning: {escape(line)}") for line in stood_in(standbys)),
        context(f"{entity} · `{run}` · ${cost_usd:.4f}{_from_cache(usage)}"),
    ]


def _from_cache(usage: Usage) -> str:
    return f" · {usage.cache_hit_rate:.0%} read from the model's cache" if usage.cache_read_tokens else ""


def _arguments(arguments: dict[str, JsonValue], room: int) -> list[Block]:
    """Every argument, whole: a person approves what they can read. Where a message has no room left, it says so."""
    shown = [block for key, value in arguments.items() for block in sections(f"*{key}*\n{escape(_text(value))}")]
    if len(shown) <= room:
        return shown
    return [*shown[: max(room - 1, 0)], context("*Too long for Slack.* Read the whole with `./farm approvals`.")]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(value: JsonValue) -> str:
    text = " ".join(_text(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  a line in a list
