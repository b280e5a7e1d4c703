"""A run's story in lines for its page: moments, what was said, what it cost. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starter.page.picture import anchors
from starter.page.wording import outcome
from store.story import (
    AskedMoment,
    DecidedMoment,
    EventMoment,
    InterventionMoment,
    ModelMoment,
    Moment,
    RefusedMoment,
    Story,
    SubRunMoment,
    ToolMoment,
)

LONGEST = 20_000
"""Characters of one text that are shown; `./farm trace --json` has all."""


@dataclass(frozen=True)
class Line:
    """A moment. `more`: what is shown on demand, title and text."""

    at: datetime
    anchor: str
    kind: str
    title: str
    text: str = ""
    more: tuple[tuple[str, str], ...] = ()
    link: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Cost:
    """What one role's calls of one model cost."""

    role: str
    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    usd: float


@dataclass(frozen=True)
class Utterance:
    """One thing said in the conversation with the model."""

    who: str
    what: str
    text: str


def lines(story: Story) -> list[Line]:
    """Every moment, in order."""
    return [_line(moment, anchor) for moment, anchor in zip(story.moments, anchors(story), strict=True)]


def costs(story: Story) -> list[Cost]:
    """By role and model, the dearest first; sub-agents' sums among them."""
    kinds: dict[tuple[str, str], list[ModelMoment]] = {}
    for moment in story.moments:
        if isinstance(moment, ModelMoment):
            kinds.setdefault((moment.role, moment.model), []).append(moment)
    own = [_cost(role, model, calls) for (role, model), calls in kinds.items()]
    helpers = [
        Cost(f"helper {each.run.agent}", "", 0, 0, 0, each.cost_usd)
        for each in story.moments
        if isinstance(each, SubRunMoment)
    ]
    return sorted([*own, *helpers], key=lambda each: -each.usd)


def heads(story: Story) -> dict[str, str]:
    """Each role -> the newest head of its conversation, in the order in which they began."""
    return {moment.role: moment.reply.head for moment in story.moments if isinstance(moment, ModelMoment)}


def utterances(messages: Sequence[Mapping[str, Any]]) -> list[Utterance]:
    """A conversation, thing by thing."""
    return [each for message in messages for each in _said(message)]


def as_json(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _line(moment: Moment, anchor: str) -> Line:  # noqa: PLR0911  one for each kind
    match moment:
        case EventMoment():
            summary = str(moment.event.get("summary") or "")
            event = (("the event", as_json(moment.event)),)
            return Line(moment.at, anchor, "event", str(moment.event.get("kind", "event")), summary, event)
        case ModelMoment():
            return _thought(moment, anchor)
        case ToolMoment():
            result = moment.result if moment.result is not None else "no longer stored"
            more = (("arguments", as_json(moment.arguments)), ("result", _cut(result)))
            failed = "failed, " if moment.is_error else ""
            text = f"{moment.server} {moment.tool}: {failed}{moment.latency_s:.1f} s"
            return Line(moment.at, anchor, "tool", moment.step, text, more, is_bad=moment.is_error)
        case AskedMoment():
            asked = moment.approval.request
            return Line(moment.at, anchor, "asks", asked.what, asked.why, link=f"/approvals/{asked.id}")
        case DecidedMoment():
            return _decided(moment, anchor)
        case RefusedMoment():
            its = moment.refused
            title = f"{its.verdict} by {its.by}, {its.channel}"
            return Line(moment.at, anchor, "refused", title, its.reason, link=f"/approvals/{its.approval}", is_bad=True)
        case InterventionMoment():
            hand = moment.intervention
            return Line(moment.at, anchor, "person", f"{hand.kind} by {hand.by}", hand.text)
        case SubRunMoment():
            title = f"{moment.run.agent}: {moment.run.status}"
            return Line(moment.at, anchor, "helper", title, f"${moment.cost_usd:.4f}", link=f"/runs/{moment.run.run}")


def _thought(moment: ModelMoment, anchor: str) -> Line:
    wishes = ", ".join(use.name for use in moment.reply.tool_uses)
    meant = f"wants {wishes}" if wishes else moment.reply.text
    away = " (a fallback)" if moment.fallback else ""
    text = f"{moment.role}, {moment.model}{away}: {moment.latency_s:.1f} s, ${moment.cost_usd:.4f}"
    more = (("what it said", _cut(meant)),) if meant else ()
    return Line(moment.at, anchor, "model", moment.step, text, more)


def _decided(moment: DecidedMoment, anchor: str) -> Line:
    record = moment.approval
    its = record.decision
    by = f" by {its.by}, {its.channel}" if its else ""
    answer = its.answer or its.reason if its else ""
    return Line(moment.at, anchor, "decided", f"{outcome(record)}{by}", answer, link=f"/approvals/{record.request.id}")


def _cost(role: str, model: str, calls: Sequence[ModelMoment]) -> Cost:
    used = [call.usage for call in calls]
    tokens_in = sum(each.input_tokens + each.cache_read_tokens + each.cache_write_tokens for each in used)
    tokens_out = sum(each.output_tokens for each in used)
    return Cost(role, model, len(calls), tokens_in, tokens_out, sum(call.cost_usd for call in calls))


def _said(message: Mapping[str, Any]) -> list[Utterance]:
    who, content = str(message.get("role", "")), message.get("content", "")
    if isinstance(content, str):
        return [Utterance(who, "", _cut(content))]
    parts = content if isinstance(content, list) else [content]
    return [_part(who, each) for each in parts]


def _part(who: str, part: Any) -> Utterance:
    match part:
        case {"type": "text", "text": str(text)}:
            return Utterance(who, "", _cut(text))
        case {"type": "thinking", "thinking": str(text)}:
            return Utterance(who, "thinks", _cut(text))
        case {"type": "tool_use", "name": str(name)}:
            return Utterance(who, f"calls {name}", as_json(part.get("input")))
        case {"type": "tool_result"}:
            return Utterance("tool", "answers", _text_of(part.get("content")))
        case _:
            return Utterance(who, "", as_json(part))


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return _cut(content)
    if isinstance(content, list) and all(isinstance(each, dict) and each.get("type") == "text" for each in content):
        return _cut("\n".join(str(each.get("text", "")) for each in content))
    return as_json(content)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
