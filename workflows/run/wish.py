"""A model's wish to use a tool that there is, and policy's word on it."""

from dataclasses import dataclass

from pydantic import JsonValue

from contracts.agents import ToolNature
from contracts.calls import ToolUse
from contracts.policy import Rule
from workflows.people.policy import Circumstances, ruling
from workflows.run.agent_run import AgentRun
from workflows.run.facts import Proposal


@dataclass(frozen=True)
class Wish:
    run: AgentRun
    step: str
    use: ToolUse
    nature: ToolNature
    proposal: Proposal

    def ruling(self, arguments: dict[str, JsonValue]) -> Rule:
        """What policy says of it with these arguments."""
        return ruling(self.run.policy, self.use.name, self.nature, arguments, self.circumstances)

    @property
    def circumstances(self) -> Circumstances:
        return self.run.circumstances(self.proposal.model)
