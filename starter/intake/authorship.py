"""Whose doing an event is, and so who hears of it. Pure.

What the farm wrote itself is heard by the agents that ask for it, never by the one that wrote it, and is one hop
further from a person than the run that wrote it. What isn't known to be ours is heard by all who listen: an agent that
hears its own write once is stopped by the next guard, and one that is deaf is noticed by nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.agents import AgentSpec
from contracts.events import Event
from contracts.names import run_agents
from starter.sources.traces import NONE, Traces
from store.own_writes import Recognised

BY_ACTOR = "own write"
BY_FINGERPRINT = "own write (fingerprint)"
LONGEST_SUMMARY = 500


@dataclass(frozen=True)
class Authorship:
    """`by_actor`: the source names our own user. `writes`: what the farm announced and this event tells of."""

    by_actor: bool = False
    writes: Sequence[Recognised] = ()
    traces: Traces = NONE

    @property
    def is_farms(self) -> bool:
        """Whether all that it tells of is the farm's."""
        fields = self.traces.fields
        return self.by_actor or (bool(self.writes) and fields <= self._explained())

    @property
    def how(self) -> str:
        """By what it is known, as a reason."""
        return BY_ACTOR if self.by_actor else BY_FINGERPRINT

    @property
    def agents(self) -> frozenset[str]:
        """Whose doing it is, as far as is known."""
        return frozenset(name for each in self.writes for name in run_agents(each.run))

    @property
    def hop(self) -> int:
        return max((each.hop for each in self.writes), default=0)

    def told(self, event: Event) -> Event:
        """The event with its hop, and a word in its summary on which run wrote it, or which of its fields."""
        if not self.writes:
            return event
        runs = ", ".join(sorted({each.run for each in self.writes}))
        what = "" if self.is_farms else f"{', '.join(sorted(self._explained() & self.traces.fields))} "
        word = f" [{what}written by {runs}]"[:LONGEST_SUMMARY]
        return event.model_copy(
            update={"hop": self.hop, "summary": event.summary[: LONGEST_SUMMARY - len(word)] + word}
        )

    def _explained(self) -> frozenset[str]:
        ours = {each.print for each in self.writes}
        return frozenset(name for each in self.traces.traces if each.print in ours for name in each.explains)


def hearing(event: Event, interested: Iterable[AgentSpec], author: Authorship) -> tuple[AgentSpec, ...]:
    """Of the agents that listen, those that this event is for."""
    if not author.is_farms:
        return tuple(interested)
    if not author.writes:
        return ()  # ours, and nobody knows whose: it could be anybody's own
    return tuple(spec for spec in interested if spec.name not in author.agents and _asks_for_it(event, spec))


def _asks_for_it(event: Event, spec: AgentSpec) -> bool:
    return any(each.hears_farm and each.takes(event) for each in spec.listens)
