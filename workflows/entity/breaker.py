"""The breaker: an entity that runs too often is stopped until a person lets it go on. Pure.

It is the last of the guards against loops, and trusts nobody's word on who wrote what: two agents that answer each
other, or one that a field of the CRM always sets off again, show by how often they run.
"""

from dataclasses import dataclass, field
from datetime import datetime

from contracts import names
from contracts.agents import AgentSpec, Breaker
from contracts.calls import Alarm, CallSite


@dataclass
class Fuse:
    """`begun`: when the last runs began, oldest first."""

    limit: Breaker
    begun: list[datetime] = field(default_factory=list)
    blown: bool = False

    def run_begins(self, now: datetime) -> bool:
        """Count a run that is about to begin. False where it is one too many: it must not, and nor may the next."""
        self.begun = [each for each in self.begun if now - each < self.limit.within]
        if self.blown or len(self.begun) >= self.limit.runs:
            self.blown = True
            return False
        self.begun.append(now)
        return True

    def mend(self) -> None:
        """A person has looked, and lets it go on."""
        self.blown = False
        self.begun = []


def often(limit: Breaker) -> str:
    return f"it ran {limit.runs} times within {limit.within}"


def stopped(spec: AgentSpec, entity: str, runs: int, waiting: int) -> Alarm:
    """What people are told. `entity`: its workflow's id; `runs`: it had so many; `waiting`: how many events wait."""
    return Alarm(
        site=CallSite(run=names.run_workflow_id(entity, runs), step="breaker"),
        text=f"{entity} is stopped: {often(spec.breaker)}. Does it answer itself, or another agent? "
        f"`./farm trace {entity}` tells what it did, and `./farm release {entity}` lets it go on. {waiting} events "
        "wait, and none is lost.",
    )
