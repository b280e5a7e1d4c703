"""The debounce: which events wait, and when they become a run. Pure; the entity's workflow keeps the clock.

Nothing that was accepted leaves the inbox but by `take`; `give_back` puts in what was taken by an earlier history.
"""

from dataclasses import dataclass, field
from datetime import datetime

from contracts.agents import Debounce
from contracts.events import Event

# Ids remembered for telling a re-delivery: far more than an entity's sources send while one could still come.
REMEMBERED = 500


@dataclass
class Inbox:
    """Events that wait for the next run of one entity, with the time each arrived here."""

    debounce: Debounce
    waiting: list[Event] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def put(self, event: Event, now: datetime) -> bool:
        """Take an event in. False where its id was seen before, and so nothing changed."""
        if event.id in self.seen:
            return False
        self.seen = [*self.seen, event.id][-REMEMBERED:]
        self.waiting.append(event)
        self.first_at = self.first_at or now
        self.last_at = now
        return True

    def due_at(self) -> datetime | None:
        """When the window closes: None while nothing waits; at once when it is full."""
        if not self.waiting or self.first_at is None or self.last_at is None:
            return None
        if self.full():
            return self.first_at
        return min(self.last_at + self.debounce.quiet, self.first_at + self.debounce.longest)

    def full(self) -> bool:
        return len(self.waiting) >= self.debounce.most

    def take(self) -> tuple[Event, ...]:
        """Empty the inbox: the events of one run, in order of arrival."""
        events, self.waiting = tuple(self.waiting), []
        self.first_at = self.last_at = None
        return events

    def give_back(self, events: tuple[Event, ...], now: datetime) -> None:
        """Put events back, in their order, ahead of what came meanwhile."""
        self.waiting = [*events, *self.waiting]
        self.first_at = self.first_at or now
        self.last_at = self.last_at or now
