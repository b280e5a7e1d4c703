"""A scripted vendor behind the farm's own client, and a scripted tool behind the farm's own tool servers."""

import re
from typing import Any

import httpx2
from fastmcp import FastMCP
from mcp.types import Tool, ToolAnnotations

from activities.mcp import Outcome, ToolServers
from contracts.calls import ToolCall
from contracts.names import META_QUICK, model_tool_name
from tests.bench import script
from tests.bench.agent import SERVER, SIGN, Found

TURNS = re.compile(rb"Look up every record there is. (\d+)")
NEWEST = re.compile(rb"Record (\d+)\.")
MUST_ANSWER = re.compile(rb'"tool_choice":\s*\{"type":\s*"none"\}')
HEADERS = {
    "x-litellm-response-cost": "0.0001",
    "x-litellm-model-name": "anthropic/claude-bench",
    "x-farm-answered-by": "claude-bench",
}
BYTES_A_TOKEN = 4


def think(request: httpx2.Request, tool: str = script.TOOL) -> httpx2.Response:
    """Answer as the vendor would, by what stands in the request: the next record, a summary, or the answer."""
    asked = TURNS.search(request.content)
    assert asked, "the task is not in the request"
    found = [int(number) for number in NEWEST.findall(request.content)]
    wanted = script.next_lookup(max(found, default=0), int(asked[1]))
    if MUST_ANSWER.search(request.content):
        return _answers(request, {"type": "text", "text": "Records were looked up."})
    if wanted is None:
        return _answers(request, {"type": "text", "text": Found(said=script.answer(int(asked[1]))).model_dump_json()})
    name = model_tool_name(SERVER, tool)
    return _answers(request, {"type": "tool_use", "id": f"call-{wanted}", "name": name, "input": {"number": wanted}})


def _answers(request: httpx2.Request, block: dict[str, Any]) -> httpx2.Response:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "bench",
        "content": [block],
        "stop_reason": block["type"] if block["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": len(request.content) // BYTES_A_TOKEN, "output_tokens": 20},
    }
    return httpx2.Response(200, json=message, headers=HEADERS)


class PlainFunction(ToolServers):
    """The tool as a function in this process. `read_only` and `quick` are what it declares of itself."""

    def __init__(self, *, read_only: bool = True, quick: bool = True) -> None:
        super().__init__({})
        self._read_only = read_only
        self._quick = quick

    async def tools(self, server: str) -> list[Tool]:
        return [_tool(script.TOOL, read_only=self._read_only, quick=self._quick), _tool(SIGN, read_only=False)]

    async def call(self, call: ToolCall) -> Outcome:
        if call.server == "slack":
            return Outcome(text="posted", data={"channel": "C0BENCH", "ts": "1.0"}, is_error=False)
        return Outcome(text=script.record(int(str(call.arguments["number"]))), data={}, is_error=False)


def _tool(name: str, *, read_only: bool, quick: bool = False) -> Tool:
    schema = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
    hints = ToolAnnotations(read_only_hint=read_only, idempotent_hint=True)
    meta = {META_QUICK: True} if quick else None
    return Tool(name=name, description=script.ABOUT, input_schema=schema, annotations=hints, meta=meta)


def mcp_server() -> FastMCP[Any]:
    server: FastMCP[Any] = FastMCP(SERVER)

    @server.tool(name=script.TOOL, annotations=ToolAnnotations(read_only_hint=True), output_schema=None)
    async def lookup(number: int) -> str:
        """Look up record n."""
        return script.record(number)

    return server
