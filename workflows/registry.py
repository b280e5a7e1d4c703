"""The farm's agents, one line each."""

from contracts.agents import AgentSpec
from workflows.sales.agent import SALES

AGENTS: tuple[AgentSpec, ...] = (SALES,)


def agent(name: str) -> AgentSpec:
    """The declaration of the named agent. LookupError names the agents there are."""
    for spec in AGENTS:
        if spec.name == name:
            return spec
    known = ", ".join(spec.name for spec in AGENTS)
    raise LookupError(f"no agent is called {name!r}; workflows/registry.py has: {known}")
