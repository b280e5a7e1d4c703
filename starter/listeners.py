"""Which agents listen to an event. Pure."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from contracts.agents import AgentSpec, Subscription
from contracts.events import Event


def listeners(event: Event, agents: Iterable[AgentSpec]) -> tuple[AgentSpec, ...]:
    """The agents with a subscription that takes this event, in the registry's order."""
    return tuple(spec for spec in agents if any(_takes(subscription, event) for subscription in spec.listens))


def _takes(subscription: Subscription, event: Event) -> bool:
    return (
        fnmatchcase(event.source, subscription.source)
        and fnmatchcase(event.entity.kind, subscription.entity)
        and any(fnmatchcase(event.kind, pattern) for pattern in subscription.kinds)
    )
