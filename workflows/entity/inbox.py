"""The debounce: which events wait, and when they become a run. Pure; the entity's workflow keeps the clock.

Nothing that was accepted leaves the inbox but by `take`; `carried` goes over to the next history as it is.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.agents import Debounce
from contracts.events import Event
from contracts.workflows import EntityState
from workflows.entity.remembered import Remembered

RUN_BYTES = 1_000_000
"""Of events that a run gets: half of what Temporal takes for a workflow's input."""

CARRIED_BYTES = 1_500_000
"""Of events that go over to a new history: the rest of the state has its place beside them."""


@dataclass
class Inbox:
    """Events that wait for the next runs of one entity, and when the first and the last of them came."""

    debounce: Debounce
    waiting: list[Event] = field(default_factory=list)
    remembered: Remembered = field(default_factory=Remembered)
    first_at: datetime | None = None
    last_at: datetime | None = None
    pressing: bool = False
    """What waits is due at once: there is urgent news in it, or it is the rest of a window that is over."""

    @classmethod
    def carried(cls, state: EntityState, debounce: Debounce, now: datetime) -> "Inbox":
        """As the history before left it. An older version's state has no dates: its window begins anew."""
        remembered = Remembered(state.remembered)
        remembered.add_plain(state.seen, now)
        waits = bool(state.pending)
        return cls(
            debounce,
            list(state.pending),
            remembered,
            (state.first_at or now) if waits else None,
            (state.last_at or now) if waits else None,
            waits and state.pressing,
        )

    def carry(self) -> dict[str, object]:
        """The same as fields of the state. `seen` was an older version's memory, and is in the new one."""
        return {
            "pending": tuple(self.waiting),
            "first_at": self.first_at,
            "last_at": self.last_at,
            "pressing": self.pressing,
            "remembered": self.remembered.by_day(),
            "seen": (),
        }

    def put(self, event: Event, now: datetime, *, urgent: bool = False) -> bool:
        """Take an event in. False where it came before, and so nothing changed."""
        if self.remembered.knows(event):
            return False
        self.remembered.add(event, now)
        self.waiting.append(event)
        self.first_at = self.first_at or now
        self.last_at = now
        self.pressing = self.pressing or urgent
        return True

    def due_at(self) -> datetime | None:
        """When the window closes: None while nothing waits; at once when it is full or pressing."""
        if not self.waiting or self.first_at is None or self.last_at is None:
            return None
        if self.closed():
            return self.first_at
        return min(self.last_at + self.debounce.quiet, self.first_at + self.debounce.longest)

    def closed(self) -> bool:
        """Whether the window waits for nothing more."""
        return self.pressing or len(self.waiting) >= self.debounce.most

    def take(self) -> tuple[Event, ...]:
        """The events of one run, in order of arrival. What is too much for one is due at once, for the next."""
        count = self._portion(self.waiting)
        events, self.waiting = tuple(self.waiting[:count]), self.waiting[count:]
        self.pressing = bool(self.waiting)
        if not self.waiting:
            self.first_at = self.last_at = None
        return events

    def has_too_far(self, most_hops: int) -> bool:
        """Whether news waits that is further than this from a person."""
        return any(event.hop > most_hops for event in self.waiting)

    def take_too_far(self, most_hops: int) -> tuple[Event, ...]:
        """Such news, as much as goes into one record. The rest waits as before."""
        far = [event for event in self.waiting if event.hop > most_hops]
        taken = far[: self._portion(far)]
        self.leave({event.key for event in taken}, pressing=self.pressing)
        return tuple(taken)

    def take_all(self) -> tuple[Event, ...]:
        """Empty the inbox."""
        events, self.waiting, self.pressing = tuple(self.waiting), [], False
        self.first_at = self.last_at = None
        return events

    def leave(self, heard: Collection[str], *, pressing: bool) -> None:
        """Let go of events, by key, that a run heard beside its own. `pressing`: what still waits is due at once."""
        self.waiting = [event for event in self.waiting if event.key not in heard]
        self.pressing = pressing and bool(self.waiting)
        if not self.waiting:
            self.first_at = self.last_at = None

    def is_too_much(self) -> bool:
        """Whether what waits is more than one run gets."""
        return self._portion(self.waiting) < len(self.waiting)

    def is_portable(self) -> bool:
        """Whether what waits can go over to a new history."""
        return _weight(self.waiting) <= CARRIED_BYTES

    def _portion(self, events: Sequence[Event]) -> int:
        """At most `most` events and RUN_BYTES; a single event goes whatever its size."""
        weight = 0
        for count, event in enumerate(events):
            weight += _weight((event,))
            if count and (count >= self.debounce.most or weight > RUN_BYTES):
                return count
        return len(events)


def _weight(events: Iterable[Event]) -> int:
    return sum(len(event.model_dump_json(exclude_defaults=True).encode()) for event in events)
