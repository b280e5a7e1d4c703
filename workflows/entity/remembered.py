"""Which events an entity has had: a short mark of each, by the day, so that a re-delivery counts once. Pure."""

import hashlib
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby

from contracts.events import Event

AT_LEAST = timedelta(days=8)
"""A day longer than a week, after which the slowest source has given up sending again."""

ALWAYS = 500
"""So many are remembered whatever their age."""

MOST = 5_000
"""And no more than these, whatever their age: about 60 KB of an entity's state."""

MARK_BYTES = 9
"""72 bits: of 5,000 events one more is mistaken for one of them once in 10^18 times."""

MARK = MARK_BYTES * 4 // 3
"""Characters of a mark as text."""

NO_SOURCE = ""
"""Of an id that a version before remembered: it stands for every source."""


class Remembered:
    """The marks, oldest first."""

    def __init__(self, by_day: Mapping[str, str] | None = None) -> None:
        self._marks = deque((day, mark) for day, marks in sorted((by_day or {}).items()) for mark in _cut(marks))
        self._known = {mark for _, mark in self._marks}

    def knows(self, event: Event) -> bool:
        return not self._known.isdisjoint((_mark(event.source, event.id), _mark(NO_SOURCE, event.id)))

    def add(self, event: Event, now: datetime) -> None:
        self._enter(_mark(event.source, event.id), now)

    def add_plain(self, ids: Iterable[str], now: datetime) -> None:
        """Ids as a version before remembered them, without their source and their day."""
        for each in ids:
            self._enter(_mark(NO_SOURCE, each), now)

    def by_day(self) -> dict[str, str]:
        """Day -> its marks, one behind the other: as the state carries them."""
        return {day: "".join(mark for _, mark in marks) for day, marks in groupby(self._marks, lambda each: each[0])}

    def __len__(self) -> int:
        return len(self._marks)

    def _enter(self, mark: str, now: datetime) -> None:
        self._marks.append((now.date().isoformat(), mark))
        self._known.add(mark)
        old = (now - AT_LEAST).date().isoformat()
        while len(self._marks) > MOST or (len(self._marks) > ALWAYS and self._marks[0][0] < old):
            self._known.discard(self._marks.popleft()[1])


def _mark(source: str, event_id: str) -> str:
    digest = hashlib.sha256(f"{source}\n{event_id}".encode()).digest()
    return urlsafe_b64encode(digest[:MARK_BYTES]).decode()


def _cut(marks: str) -> Iterable[str]:
    return (marks[start : start + MARK] for start in range(0, len(marks), MARK))
