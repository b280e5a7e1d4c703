"""Reaching MCP tool servers: their tools, and a call of one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastmcp import Client
from mcp import MCPError
from mcp.types import INVALID_PARAMS, METHOD_NOT_FOUND, CallToolResult, TextContent, Tool
from pydantic import JsonValue

from contracts import names
from contracts.calls import ToolCall

# How other makers' servers say that there is no such tool; asking again would change nothing.
REFUSED = frozenset({INVALID_PARAMS, METHOD_NOT_FOUND})


class UnknownServer(LookupError):
    """A tool server that this worker has no address of."""


@dataclass(frozen=True)
class Outcome:
    """A tool's answer: its text, and the structured result where there is one."""

    text: str
    data: dict[str, JsonValue]
    is_error: bool


class ToolServers:
    """The tool servers by name. `addresses`: name -> URL of its Streamable HTTP door."""

    def __init__(self, addresses: Mapping[str, Any], timeout_s: float = 60) -> None:
        self._addresses = addresses
        self._timeout_s = timeout_s

    async def tools(self, server: str) -> list[Tool]:
        async with self._client(server) as client:
            return list(await client.list_tools())

    async def call(self, call: ToolCall) -> Outcome:
        """Call a tool, with the run's identity and the effect's key in `_meta`.

        A tool's own error is an Outcome; not reaching the server raises what the transport raises.
        """
        async with self._client(call.server) as client:
            try:
                result = await client.call_tool_mcp(
                    call.tool, call.arguments, timeout=self._timeout_s, meta=_meta(call)
                )
            except MCPError as error:
                if error.code not in REFUSED:
                    raise
                return Outcome(text=f"permanent: {error}", data={}, is_error=True)
        return _outcome(result)

    def _client(self, server: str) -> Client[Any]:
        try:
            address = self._addresses[server]
        except KeyError:
            known = ", ".join(sorted(self._addresses))
            raise UnknownServer(f"no address for tool server {server!r}; FARM_TOOL_SERVERS has: {known}") from None
        return Client(address, timeout=self._timeout_s)


def _meta(call: ToolCall) -> dict[str, Any]:
    meta = {
        names.META_AGENT: call.site.agent,
        names.META_ENTITY: call.site.entity,
        names.META_RUN: call.site.run,
        names.META_EFFECT_KEY: call.effect_key,
    }
    return {key: value for key, value in meta.items() if value}


def _outcome(result: CallToolResult) -> Outcome:
    data = result.structured_content or {}
    said = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
    text = said if result.is_error or not data else json.dumps(data, ensure_ascii=False)
    return Outcome(text=text, data=dict(data), is_error=bool(result.is_error))
