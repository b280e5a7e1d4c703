"""What a run knows of the world, as whoever decides for it is told: what it has read, and who wrote that. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import JsonValue

from contracts.approvals import Reading
from contracts.calls import ModelReply, ToolReply
from contracts.events import Event
from workflows.people import blocks

MOST = 12
"""Readings that are kept, the newest: a person who decides looks at a few."""

LONGEST_WISH = 1000

NOBODYS = ("agent:", "mail:")
"""How the actors of events begin that are none of the people who may decide: the farm's agents, and strangers."""

SLACK_USER = "slack:user:"


@dataclass(frozen=True)
class Proposal:
    """Who proposes a call, and what for."""

    model: str = ""
    words: str = ""

    @classmethod
    def of(cls, reply: ModelReply) -> "Proposal":
        """A turn of a model: what it said beside its wish to use tools is why it wants to."""
        return cls(model=reply.model, words=" ".join(reply.text.split())[:LONGEST_WISH])


NOBODYS_IDEA = Proposal()


@dataclass
class Known:
    """What one run has read so far. `tainted`: what strangers wrote of it, in words; empty where nothing."""

    readings: list[Reading] = field(default_factory=list)
    tainted: str = ""
    suspicious: str = ""
    """What of it looked like orders to a model."""

    def read(self, reading: Reading) -> None:
        # What is read again is known as it was read last.
        others = [each for each in self.readings if each.what != reading.what]
        self.readings = [*others, reading][-MOST:]

    def taint(self, by: str) -> bool:
        """Whether this is news: the first that tainted a run says enough."""
        if self.tainted or not by:
            return False
        self.tainted = by[:200]
        return True

    def suspect(self, by: str) -> None:
        """Kept as it was first said, and beside the taint: that may be older."""
        self.suspicious = self.suspicious or by[:200]


def reading(step: str, tool: str, arguments: dict[str, JsonValue], reply: ToolReply, *, outside: bool) -> Reading:
    what = blocks.in_words(tool, arguments)[:200]
    return Reading(step=step, what=what, ref=reply.ref, url=reply.url, outside=outside)


def outside_words(events: Iterable[Event]) -> str:
    """Of events, the first that says what a stranger wrote; empty where none does."""
    return next((f"{event.kind} from {event.actor or event.source}" for event in events if event.outside), "")


def requester(events: Iterable[Event]) -> str:
    """The first person whose doing began a run, by the name that people know her by; empty where nobody's did."""
    actors = (event.actor for event in events)
    found = next((actor for actor in actors if actor and not actor.startswith(NOBODYS)), "")
    return found.removeprefix(SLACK_USER)
