"""How far from a person news may be. Pure.

What a run writes is one hop further than what began the run. Agents that answer each other so come to a limit, and
there their news is put aside; the breaker behind it counts runs, and needs nobody to know who wrote what.
"""

from collections.abc import Sequence
from datetime import datetime

from contracts.agents import AgentSpec
from contracts.events import Event


def reason(spec: AgentSpec, events: Sequence[Event]) -> str:
    """Why the events got no run, as the record says it."""
    return f"hop limit: {_furthest(events)} runs since a person did something, and {spec.name} allows {spec.most_hops}"


def is_to_be_told(spec: AgentSpec, told_at: datetime | None, now: datetime) -> bool:
    """Once in the time that the breaker looks back over: each news put aside is on record, whoever was told."""
    return told_at is None or now - told_at >= spec.breaker.within


def put_aside(spec: AgentSpec, run: str, events: Sequence[Event]) -> str:
    """What people are told. `run`: the name under which the events are set aside."""
    entity = run.rpartition("/")[0]
    return (
        f"{entity} put {len(events)} events aside: {_furthest(events)} runs have followed each other since a person "
        f"did something, and {spec.name} allows {spec.most_hops}. Do agents answer each other? `./farm trace {entity}` "
        f"tells what they did, `./farm dead-letters show {run}` what was put aside, and "
        f"`./farm dead-letters redrive {run}` hands it on all the same."
    )


def _furthest(events: Sequence[Event]) -> int:
    return max(event.hop for event in events)
