"""Which agents listen to an event. Pure."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from contracts.agents import AgentSpec
from contracts.events import Event


def listeners(event: Event, agents: Iterable[AgentSpec]) -> tuple[AgentSpec, ...]:
    """The agents with a subscription that takes this event, in the registry's order."""
    return tuple(spec for spec in agents if any(subscription.takes(event) for subscription in spec.listens))


def looked_after(event: Event, agents: Iterable[AgentSpec]) -> bool:
    """Whether anybody listens to this source about entities of this kind at all, to whatever news of them."""
    return any(
        fnmatchcase(event.source, each.source) and fnmatchcase(event.entity.kind, each.entity)
        for spec in agents
        for each in spec.listens
    )
