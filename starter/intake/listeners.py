"""Which agents listen to an event. Pure."""

from collections.abc import Iterable

from contracts.agents import AgentSpec
from contracts.events import Event


def listeners(event: Event, agents: Iterable[AgentSpec]) -> tuple[AgentSpec, ...]:
    """The agents with a subscription that takes this event, in the registry's order."""
    return tuple(spec for spec in agents if any(subscription.takes(event) for subscription in spec.listens))
