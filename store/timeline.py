"""Facts in time, without a database: which one holds when, and in what order they answer a question."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from contracts.frozen import Frozen


class Insight(Frozen):
    """A fact about an entity, true from `valid_from` until just before `valid_to` (None: still)."""

    id: str
    entity: str
    subject: str
    fact: str
    confidence: float
    valid_from: datetime
    recorded_at: datetime
    source_event: str = ""
    run: str = ""
    undone_at: datetime | None = None
    valid_to: datetime | None = None
    superseded_by: str = ""

    def holds_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_to is None or moment < self.valid_to)

    def recorded(self) -> dict[str, Any]:
        """What is written of it: all but what follows from later facts."""
        return self.model_dump(exclude={"valid_to", "superseded_by"})


def timeline(insights: Iterable[Insight]) -> list[Insight]:
    """The facts in the order given, each ending where the next on its subject begins.

    The undone count as never true, for themselves and for the others. Of two that begin together the one learnt
    later wins.
    """
    insights = list(insights)
    subjects: dict[str, list[Insight]] = defaultdict(list)
    for insight in insights:
        if insight.undone_at is None:
            subjects[_bare(insight.subject)].append(insight)
    ends: dict[str, Insight | None] = {}
    for chain in subjects.values():
        chain.sort(key=lambda insight: insight.valid_from)
        ends |= {earlier.id: later for earlier, later in zip_longest(chain, chain[1:])}
    return [_ended(insight, ends.get(insight.id)) for insight in insights]


def _ended(insight: Insight, by: Insight | None) -> Insight:
    if insight.undone_at is not None:
        return insight.model_copy(update={"valid_to": insight.valid_from, "superseded_by": ""})
    ending = {"valid_to": by.valid_from if by else None, "superseded_by": by.id if by else ""}
    return insight.model_copy(update=ending)


def ranked(insights: Sequence[Insight], query: str) -> list[Insight]:
    """Those that share most words with the query first; among equals the newest."""
    asked = _words(query)
    newest_first = sorted(insights, key=lambda insight: insight.valid_from, reverse=True)
    return sorted(newest_first, key=lambda insight: -len(asked & _words(f"{insight.subject} {insight.fact}")))


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, accents, spaces and punctuation."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", _plain(text)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", _plain(text)))


def _plain(text: str) -> str:
    # Half of what we read is French, typed with its accents or without.
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
