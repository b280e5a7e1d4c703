"""Before a worker polls: has its agent a rule for whatever may change something?

A server that is away isn't waited for. What one has got since then is seen at the beginning of each run.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from mcp.types import Tool

from activities.kit import by_name, natures
from activities.mcp import ToolServers
from contracts.agents import AgentSpec
from workflows.people.strict import unknown, unruled

log = logging.getLogger(__name__)

PATIENCE_S = 5.0


async def refusal(spec: AgentSpec, addresses: Mapping[str, object]) -> str:
    """Why this agent's workers don't start; empty where they do. Slips that harm nobody are logged."""
    servers = ToolServers(addresses, timeout_s=PATIENCE_S)
    try:
        found = await asyncio.gather(*(_tools(servers, each) for each in spec.tool_servers))
    finally:
        await servers.close()
    heard = {server: tools for server, tools in zip(spec.tool_servers, found, strict=True) if tools is not None}
    tools = natures(by_name(heard))
    for line in unknown(spec.name, spec.policy, tools.keys(), heard.keys()):
        log.warning("%s", line)
    return unruled(spec.name, spec.policy, tools)


async def _tools(servers: ToolServers, server: str) -> Sequence[Tool] | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await servers.tools(server)
    except Exception as error:  # noqa: BLE001  whatever keeps it from answering, each run looks again
        log.warning("%s doesn't say now which tools it has: %s", server, error or type(error).__name__)
        return None
