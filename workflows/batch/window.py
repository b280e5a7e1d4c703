"""Requests that wait for a batch, and when it is time to submit them; and when a batch is looked at. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.agents import Batching
from contracts.batches import CollectorState
from contracts.calls import CallSite

MOST_BETWEEN_LOOKS = timedelta(minutes=10)
LEAST_BETWEEN_LOOKS = timedelta(seconds=1)


@dataclass
class Window:
    """What waits. `found`: how many requests were on record already, which nobody told of."""

    waiting: dict[CallSite, None] = field(default_factory=dict)
    found: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @classmethod
    def carried(cls, state: CollectorState) -> "Window":
        return cls(dict.fromkeys(state.waiting), state.found, state.first_at, state.last_at)

    @property
    def count(self) -> int:
        return len(self.waiting) + self.found

    def put(self, site: CallSite, now: datetime) -> None:
        """Take a request in; told of twice, it counts once."""
        if site not in self.waiting:
            self.waiting[site] = None
            self._opened(now)

    def find(self, number: int, now: datetime) -> None:
        """So many wait that nobody told of."""
        self.found = number
        if number:
            self._opened(now)

    def _opened(self, now: datetime) -> None:
        self.first_at, self.last_at = self.first_at or now, now

    def due_at(self, batching: Batching) -> datetime | None:
        """When what waits is submitted; None where nothing does."""
        if self.first_at is None or self.last_at is None:
            return None
        if self.count >= batching.most:
            return self.first_at
        return min(self.last_at + batching.quiet, self.first_at + batching.longest)

    def take(self) -> None:
        """What waits is being submitted."""
        self.waiting, self.found, self.first_at, self.last_at = {}, 0, None, None


def next_look(batching: Batching, looks: int, now: datetime) -> datetime:
    """Soon at first, for the vendor mostly needs minutes, and then ever more seldom: it may need a day."""
    doubled: timedelta = max(batching.quiet, LEAST_BETWEEN_LOOKS) * (1 << min(looks, 16))
    return now + min(doubled, MOST_BETWEEN_LOOKS)
