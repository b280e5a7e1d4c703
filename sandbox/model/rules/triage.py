"""Triage: act or skip. Every event is weighed by itself, and the weightiest decides."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sandbox.model.answer import Answer
from sandbox.model.conversation import Conversation
from sandbox.model.rules.dates import date_in, today_in
from sandbox.model.rules.matters import Matter, matter_of
from sandbox.model.rules.news import News, news_in

Urgency = Literal["low", "normal", "high"]

OWN = re.compile(r"farmstead|agent|user:90\b", re.IGNORECASE)
_OBJECT = re.compile(r'^\w+ \w+(?: ".*")? (?:created|changed|deleted|merged into \w+)(?:: |$)')
FREE_TEXT = ("note", "activity", "mail", "message", "app_mention", "text")
QUIET = {Matter.AUTO_REPLY, Matter.NEWSLETTER, Matter.HANDLED, Matter.THANKS}
LOUD = {Matter.LEGAL, Matter.CANCEL, Matter.COMPLAINT, Matter.UNSUBSCRIBE}
SMALLEST_SHARE = 0.05
"""A value that moved by less than this share of it is noise."""

CLOSE_DAYS = 3
"""A closing date that moved by no more than this many days is noise."""


@dataclass(frozen=True)
class Weighed:
    """What one event, or one changed field, comes to."""

    weight: int
    seen: str
    urgency: Urgency = "normal"


NOISE, DOUBT, SUBSTANCE, ALARM = 0, 1, 2, 3


def triage(conversation: Conversation) -> Answer:
    """A `TriageDecision` for the events in the user's message."""
    today = today_in(conversation.said)
    weighed = [part for news in news_in(conversation.said) for part in weigh(news, today)]
    top = max(weighed, key=lambda part: part.weight)
    verdict = "act" if top.weight > NOISE else "skip"
    seen = top.seen if verdict == "act" else "; ".join(dict.fromkeys(part.seen for part in weighed))
    document = {"verdict": verdict, "reason": f"{seen}."[:400], "urgency": top.urgency}
    return Answer(document=document, reasoning=f"triage by rules: {verdict}, {seen}")


def weigh(news: News, today: date) -> list[Weighed]:
    """The parts of one event, each with its weight."""
    if news.kind == "follow_up.due":
        return [Weighed(SUBSTANCE, f"a planned follow-up is due: {quoted(news.summary)}")]
    if news.kind == "follow_up.off":
        return [Weighed(SUBSTANCE, f"what was waited for has come: {quoted(news.summary)}")]
    if news.by and all(OWN.search(actor) for actor in news.by.split(", ")):
        return [Weighed(NOISE, f"our own write ({news.kind} by {news.by})", "low")]
    if news.kind.startswith(FREE_TEXT):
        return [_weigh_text(news, today)]
    if news.changes:
        return [_weigh_field(news, name, old, new, today) for name, (old, new) in news.changes.items()]
    return [Weighed(DOUBT, f"{news.kind} is not among what I know: {quoted(news.summary)}", "low")]


def _weigh_text(news: News, today: date) -> Weighed:
    matter = matter_of(_said(news.summary))
    seen = f"{matter} in {news.kind}: {quoted(news.summary)}"
    if matter in QUIET:
        return Weighed(NOISE, seen, "low")
    if matter in LOUD:
        return Weighed(ALARM, seen, "high")
    if matter is not Matter.OTHER:
        return Weighed(SUBSTANCE, seen)
    if not news.kind.startswith("activity"):
        return Weighed(DOUBT, seen, "low")
    due = date_in(str(news.changes.get("due_date", ("", ""))[1]) or news.summary, today)
    if due is not None and due < today:
        return Weighed(SUBSTANCE, f"overdue: {quoted(news.summary)}")
    return Weighed(NOISE, seen, "low")


def _said(summary: str) -> str:
    # A summary begins with the object and its name; a colleague's "Send the quote" is no client's request.
    return _OBJECT.sub("", summary, count=1)


def _weigh_field(news: News, name: str, old: Any, new: Any, today: date) -> Weighed:
    seen = f"{name} went from {old!r} to {new!r}"
    if old == new:
        return Weighed(NOISE, f"{name} is back at {new!r}", "low")
    known = FIELDS.get(name)
    weight, urgency = known(news, old, new, today) if known else (DOUBT, "low")
    return Weighed(weight, seen, urgency)


Judgement = tuple[int, Urgency]
Judge = Callable[[News, Any, Any, date], Judgement]


def _noise(_: News, __: Any, ___: Any, ____: date) -> Judgement:
    return NOISE, "low"


def _substance(_: News, __: Any, ___: Any, ____: date) -> Judgement:
    return SUBSTANCE, "normal"


def _alarm(_: News, __: Any, ___: Any, ____: date) -> Judgement:
    return ALARM, "high"


def _mail(news: News, _: Any, __: Any, ___: date) -> Judgement:
    matter = matter_of(_said(news.summary))
    if matter in {Matter.AUTO_REPLY, Matter.NEWSLETTER}:
        return NOISE, "low"
    return (ALARM, "high") if matter in LOUD else (SUBSTANCE, "normal")


def _value(_: News, old: Any, new: Any, __: date) -> Judgement:
    before, after = _number(old), _number(new)
    moved = abs(after - before) / max(abs(before), abs(after), 1.0)
    return (SUBSTANCE, "normal") if moved >= SMALLEST_SHARE else (NOISE, "low")


def _closing(_: News, old: Any, new: Any, today: date) -> Judgement:
    before, after = date_in(str(old), today), date_in(str(new), today)
    near = before and after and abs((after - before).days) <= CLOSE_DAYS
    return (NOISE, "low") if near else (SUBSTANCE, "normal")


def _title(_: News, old: Any, new: Any, __: date) -> Judgement:
    # The quantity is written in the title: another number is another order.
    same_numbers = re.findall(r"\d+", str(old)) == re.findall(r"\d+", str(new))
    return (NOISE, "low") if same_numbers or not old else (SUBSTANCE, "normal")


_BOOKKEEPING = (
    "label label_ids owner_id user_id creator_user_id visible_to update_time probability next_activity_id "
    "next_activity_date last_activity_id last_activity_date activities_count done_activities_count "
    "undone_activities_count notes_count files_count followers_count email_messages_count "
    "last_outgoing_mail_time stage_change_time stage_order_nr weighted_value rotten_time"
)
FIELDS: dict[str, Judge] = {
    **dict.fromkeys(_BOOKKEEPING.split(), _noise),
    **dict.fromkeys(("stage_id", "pipeline_id", "lost_reason", "person_id", "org_id"), _substance),
    "status": _alarm,
    "last_incoming_mail_time": _mail,
    "value": _value,
    "expected_close_date": _closing,
    "title": _title,
}


def _number(value: Any) -> float:
    digits = re.sub(r"[^0-9.\-]", "", str(value or 0))
    try:
        return float(digits)
    except ValueError:
        return 0.0


def quoted(text: str, most: int = 160) -> str:
    """A text on one line between quotes, cut after `most` characters."""
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    return f'"{line if len(line) <= most else line[: most - 1] + "…"}"'
