"""What other makers' tool servers may answer."""

import pytest
from fastmcp import FastMCP
from fastmcp.server.middleware import Middleware
from mcp import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, TextContent

from activities.mcp import NotSent, ToolServers
from contracts.calls import CallSite, ToolCall

CALL = ToolCall(site=CallSite(run="a:e:1/run-1", step="s"), server="x", tool="speak", arguments={})


class Refusal(Middleware):
    """Answers by the protocol's own error, as the MCP specification has it for an unknown tool."""

    def __init__(self, code: int) -> None:
        self.code = code

    async def on_call_tool(self, context, call_next):
        raise MCPError(code=self.code, message="Unknown tool: speak")


@pytest.fixture
async def outcome():
    """Call a server that has this middleware."""
    opened = []

    async def outcome(*middleware: Middleware):
        server: FastMCP = FastMCP("x", middleware=list(middleware))

        @server.tool(output_schema=None)
        async def speak() -> list[TextContent]:
            return [TextContent(type="text", text="one"), TextContent(type="text", text="two")]

        opened.append(ToolServers({"x": server}, timeout_s=5))
        return await opened[-1].call(CALL)

    yield outcome
    for servers in opened:
        await servers.close()


async def test_plain_text_is_an_answer(outcome):
    """A server without structured results is understood."""
    said = await outcome()
    assert (said.text, said.data, said.is_error, said.code) == ("one\ntwo", {}, False, None)


@pytest.mark.parametrize("code", [INVALID_PARAMS, METHOD_NOT_FOUND, INTERNAL_ERROR])
async def test_a_protocol_error_is_an_answer_with_its_code(outcome, code):
    """What kind of failure it is, is read elsewhere, and from both."""
    said = await outcome(Refusal(code))
    assert (said.is_error, said.code) == (True, code)
    assert "Unknown tool: speak" in said.text


async def test_a_server_that_is_away_was_sent_nothing():
    """No connection, no call: whoever hears this may simply try again."""
    servers = ToolServers({"x": "http://127.0.0.1:9/mcp"}, timeout_s=5)
    with pytest.raises(NotSent):
        await servers.call(CALL)
