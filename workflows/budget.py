"""What a run has used, against what it may use. Counted in the workflow, where nothing races."""

from dataclasses import dataclass, field

from contracts.agents import Limits
from contracts.calls import ModelReply, Usage


@dataclass
class Meter:
    """Turns, tokens and US dollars of one run."""

    limits: Limits
    turns: int = 0
    cost_usd: float = 0.0
    usage: Usage = field(default_factory=Usage)
    extensions: int = 0
    refused: bool = False
    """A person said no to an extension: the run ends with what it has, and isn't asked about again."""

    def count(self, reply: ModelReply) -> None:
        self.turns += 1
        self.cost_usd += reply.cost_usd
        self.usage += reply.usage

    def breach(self) -> str:
        """What stands in the way of another call, in words; empty where nothing does."""
        rounds = 1 + self.extensions
        if self.turns >= self.limits.turns * rounds:
            return f"{self.turns} turns used of {self.limits.turns * rounds}"
        if self.cost_usd >= self.limits.cost_usd * rounds:
            return f"${self.cost_usd:.4f} spent of ${self.limits.cost_usd * rounds:.2f}"
        return ""

    def extend(self) -> None:
        """Grant the declared limits once more."""
        self.extensions += 1
