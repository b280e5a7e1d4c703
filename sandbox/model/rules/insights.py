"""What to remember: the few things that somebody said in so many words."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.model.answer import Answer
from sandbox.model.conversation import Conversation
from sandbox.model.rules.dates import date_in, today_in
from sandbox.model.rules.evidence import Evidence, gather
from sandbox.model.rules.language import language
from sandbox.model.rules.matters import Matter, matter_of

MOST = 5
SUBJECTS = {
    Matter.LEGAL: "legal dispute",
    Matter.UNSUBSCRIBE: "how they want to be written to",
    Matter.CANCEL: "cancellation",
    Matter.COMPLAINT: "complaint",
    Matter.COMPETITOR: "competitor",
    Matter.OBJECTION: "price",
    Matter.ACCEPTANCE: "agreement",
    Matter.QUANTITY: "quantity",
    Matter.QUOTE: "quote",
    Matter.DELIVERY: "delivery date",
    Matter.MEETING: "meeting",
}


def insights(conversation: Conversation) -> Answer:
    """An `Insights` document for the report and the material in the conversation."""
    evidence = gather(conversation)
    mail = evidence.unanswered or next((each for each in evidence.mails if not each.ours), None)
    facts = facts_of(mail.body if mail else conversation.last_said, evidence)
    return Answer(document={"facts": facts}, reasoning=f"insights by rules: {len(facts)} found")


def facts_of(text: str, evidence: Evidence) -> list[dict[str, Any]]:
    """Facts in a text: one a subject, in the client's own words, and the language they write."""
    found = {subject: _fact(subject, sentence, 0.9) for subject, sentence in _telling(text, evidence)}
    speech = {"fr": "French", "en": "English"}[language(text)]
    if evidence.contact and found:
        found["language"] = _fact("language", f"{evidence.contact} writes in {speech}", 0.9)
    return list(found.values())[:MOST]


def _telling(text: str, evidence: Evidence) -> Iterator[tuple[str, str]]:
    for sentence in re.split(r"(?<=[.?!])\s+|\n+", text):
        matter = matter_of(sentence)
        if matter in SUBJECTS:
            yield SUBJECTS[matter], sentence.strip()
        elif date_in(sentence, today_in(sentence, evidence.today)) and re.search(
            r"sign|d[ée]ci", sentence, re.IGNORECASE
        ):
            yield "closing date", sentence.strip()


def _fact(subject: str, fact: str, confidence: float) -> dict[str, Any]:
    return {"subject": subject, "fact": fact[:400], "confidence": confidence}
