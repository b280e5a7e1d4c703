"""What a sales assistant would do, from what the evidence is about. One line of the table for each matter."""

import re
from dataclasses import dataclass
from datetime import date

from sandbox.model.rules.dates import date_in, deadline_in, working_days_after
from sandbox.model.rules.evidence import Evidence
from sandbox.model.rules.language import Language, language
from sandbox.model.rules.matters import Matter, matter_of
from sandbox.model.rules.news import News


@dataclass(frozen=True)
class Course:
    """What a matter asks for: a task within so many working days, and whether to write to the client."""

    task: str
    type: str
    days: int
    writes: bool


COURSES: dict[Matter, Course] = {
    Matter.LEGAL: Course("Take legal advice before answering", "task", 1, writes=False),
    Matter.CANCEL: Course("Call to understand the cancellation", "call", 1, writes=False),
    Matter.UNSUBSCRIBE: Course("Stop writing to the contact, and check with the owner", "task", 1, writes=False),
    Matter.COMPLAINT: Course("Call about the complaint", "call", 1, writes=True),
    Matter.COMPETITOR: Course("Compare with the competitor's offer", "task", 1, writes=True),
    Matter.OBJECTION: Course("Decide on the price", "task", 2, writes=True),
    Matter.ACCEPTANCE: Course("Send the order confirmation", "task", 1, writes=True),
    Matter.QUANTITY: Course("Send an updated quote for the new quantity", "task", 2, writes=True),
    Matter.QUOTE: Course("Send the quote", "task", 2, writes=True),
    Matter.DELIVERY: Course("Confirm the delivery date with the workshop", "task", 1, writes=True),
    Matter.MEETING: Course("Call the client to fix a date", "call", 1, writes=True),
    Matter.QUESTION: Course("Answer the client's question", "task", 1, writes=True),
}
QUIET = Course("Look at the deal again", "task", 5, writes=False)
SILENCE = Course("Call the client, who has gone quiet", "call", 2, writes=True)
WAIT_FOR_ANSWER = 5
"""Working days after which somebody should look again, counted from the task's date."""

_QUANTITY = re.compile(
    r"\b(\d{1,4})\s+(?:\w+\s+)?(?:radiateurs?|radiators?|heaters?|appareils?|units?|unit[ée]s)", re.IGNORECASE
)
_CLOSING = re.compile(
    r"sign|d[ée]cision|decision|decide|trancher|clos|commande d[ée]finitive|final order", re.IGNORECASE
)


@dataclass(frozen=True)
class Plan:
    """The course for one run, with everything that the tools need to be told."""

    matter: Matter
    course: Course
    speech: Language
    what: str
    """What happened, in words that quote it."""

    asked: str
    """The client's own sentence; empty when nobody wrote."""

    due: date
    again: date
    field: tuple[str, str] | None
    """A deal's field and the new value that somebody said."""


def make_plan(evidence: Evidence) -> Plan:
    """The same evidence gives the same plan."""
    mail = evidence.unanswered
    text = f"{mail.subject}\n{mail.body}" if mail else ""
    matter = matter_of(mail.body or mail.subject) if mail else _matter_of_news(evidence.news)
    silent = mail is None and any(news.kind == "follow_up.due" for news in evidence.news)
    course = SILENCE if silent else COURSES.get(matter, QUIET)
    named = deadline_in(mail.body, evidence.today) if mail else None
    due = named or working_days_after(evidence.today, course.days)
    return Plan(
        matter=matter,
        course=course,
        speech=language(" ".join((mail or each).body for each in evidence.mails[:3]) or evidence.title),
        what=_what(evidence, matter),
        asked=_sentence(mail.body, matter) if mail else "",
        due=due,
        again=working_days_after(due, WAIT_FOR_ANSWER),
        field=_field(text, evidence) if mail else None,
    )


def _matter_of_news(news: tuple[News, ...]) -> Matter:
    matters = [matter_of(each.summary) for each in news if not each.kind.startswith("deal")]
    return min(matters, key=list(Matter).index, default=Matter.OTHER)


def _what(evidence: Evidence, matter: Matter) -> str:
    mail = evidence.unanswered
    said = [f"{evidence.contact or mail.sender} wrote ({matter}): {mail.subject}"] if mail else []
    moved = [
        f"{name} went from {old} to {new}"
        for news in evidence.news
        for name, (old, new) in news.changes.items()
        if name in {"stage_id", "value", "status", "expected_close_date", "title"} and old != new
    ]
    told = [news.summary for news in evidence.news if news.summary and not news.changes]
    return "; ".join(said + moved + told)[:500] or "Nothing that stands out"


def _sentence(body: str, matter: Matter) -> str:
    sentences = [part.strip() for part in re.split(r"(?<=[.?!])\s+|\n+", body) if part.strip()]
    telling = (part for part in sentences if matter_of(part) is matter)
    return next(telling, sentences[0] if sentences else "")[:200].removesuffix(".")


def _field(text: str, evidence: Evidence) -> tuple[str, str] | None:
    if _CLOSING.search(text) and (day := date_in(text, evidence.today)) and str(day) != evidence.closing:
        return "expected_close_date", day.isoformat()
    wanted, had = _QUANTITY.search(text), _QUANTITY.search(evidence.title)
    if wanted and had and wanted[1] != had[1]:
        return "title", evidence.title[: had.start(1)] + wanted[1] + evidence.title[had.end(1) :]
    return None
