"""What other makers' tool servers may answer."""

import pytest
from fastmcp import FastMCP
from fastmcp.server.middleware import Middleware
from mcp import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, TextContent

from activities.mcp import ToolServers
from contracts.calls import CallSite, ToolCall

CALL = ToolCall(site=CallSite(agent="a", entity="e:1", run="r", step="s"), server="x", tool="speak", arguments={})


class Refusal(Middleware):
    """Answers by the protocol's own error, as the MCP specification has it for an unknown tool."""

    def __init__(self, code: int) -> None:
        self.code = code

    async def on_call_tool(self, context, call_next):
        raise MCPError(code=self.code, message="Unknown tool: speak")


def servers(*middleware: Middleware) -> ToolServers:
    server: FastMCP = FastMCP("x", middleware=list(middleware))

    @server.tool(output_schema=None)
    async def speak() -> list[TextContent]:
        return [TextContent(type="text", text="one"), TextContent(type="text", text="two")]

    return ToolServers({"x": server}, timeout_s=5)


async def test_plain_text_is_an_answer():
    """A server without structured results is understood."""
    outcome = await servers().call(CALL)
    assert (outcome.text, outcome.data, outcome.is_error) == ("one\ntwo", {}, False)


@pytest.mark.parametrize("code", [INVALID_PARAMS, METHOD_NOT_FOUND])
async def test_a_protocol_refusal_is_an_answer(code):
    """Asking again would change nothing, so the model is told."""
    outcome = await servers(Refusal(code)).call(CALL)
    assert outcome.is_error
    assert "Unknown tool: speak" in outcome.text


async def test_a_servers_own_trouble_is_raised():
    """It may be over the next time."""
    with pytest.raises(MCPError):
        await servers(Refusal(INTERNAL_ERROR)).call(CALL)
