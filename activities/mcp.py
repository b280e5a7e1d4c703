"""Reaching MCP tool servers: their tools, and a call of one."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from mcp import MCPError
from mcp.types import CONNECTION_CLOSED, INVALID_REQUEST, CallToolResult, TextContent, Tool
from pydantic import JsonValue

from activities.open_clients import OpenClients
from contracts import names
from contracts.calls import ToolCall

# What the transport raises before any of a request has left us.
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

# Seconds that an idle connection is kept. Web servers close theirs after 5: a call that is sent into a connection at
# the moment of its closing is heard by nobody, and looks as if it might have been.
KEEPALIVE_S = 2.0


class UnknownServer(LookupError):
    """A tool server that this worker has no address of."""


class NotSent(Exception):
    """The call never reached its server: no connection was made. It is certain that nothing happened."""


@dataclass(frozen=True)
class Outcome:
    """A tool's answer: its text, and the structured result where there is one.

    `code`: the JSON-RPC code where the protocol refused, and not the tool.
    """

    text: str
    data: dict[str, JsonValue]
    is_error: bool
    code: int | None = None


class ToolServers:
    """The tool servers by name. `addresses`: name -> URL of its Streamable HTTP door. Close it at the end."""

    def __init__(self, addresses: Mapping[str, Any], timeout_s: float = 60) -> None:
        self._addresses = addresses
        self._timeout_s = timeout_s
        self._clients = OpenClients(self._new_client)

    async def tools(self, server: str) -> list[Tool]:
        async with self._client(server) as client:
            return list(await client.list_tools())

    async def call(self, call: ToolCall) -> Outcome:
        """Call a tool, with the run's identity and the effect's key in `_meta`.

        An error that the server answers is an Outcome. NotSent where it is certain that the call didn't go out; what
        else the transport raises leaves open whether the server has heard it.
        """
        async with self._client(call.server) as client:
            try:
                result = await client.call_tool_mcp(
                    call.tool, call.arguments, timeout=self._timeout_s, meta=_meta(call)
                )
            except MCPError as error:
                if error.code == CONNECTION_CLOSED or _session_is_gone(error):
                    raise
                return Outcome(text=str(error), data={}, is_error=True, code=error.code)
        return _outcome(result)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._clients.close()

    @asynccontextmanager
    async def _client(self, server: str) -> AsyncIterator[Client[Any]]:
        client = await self._open(server)
        try:
            yield client
        except BaseException as error:
            # Cancelled too: closing the connection is what tells the server.
            ended_by = await self._clients.drop(server, client)
            unsent = _never_sent(error) or _never_sent(ended_by) or _session_is_gone(error)
            if unsent and isinstance(error, Exception):
                raise NotSent(f"{error} ({ended_by})" if ended_by else str(error)) from error
            raise
        await self._clients.give_back(server, client)

    async def _open(self, server: str) -> Client[Any]:
        try:
            return await self._clients.take(server)
        except UnknownServer:
            raise
        except Exception as error:
            raise NotSent(str(error)) from error

    def _new_client(self, server: str) -> Client[Any]:
        try:
            address = self._addresses[server]
        except KeyError:
            known = ", ".join(sorted(self._addresses))
            raise UnknownServer(f"no address for tool server {server!r}; FARM_TOOL_SERVERS has: {known}") from None
        # A server within this process (in tests) needs no connection.
        door = StreamableHttpTransport(address, httpx_client_factory=_http) if isinstance(address, str) else address
        return Client(door, timeout=self._timeout_s)


def _http(
    headers: dict[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
    *,
    follow_redirects: bool = True,
) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        headers=headers,
        timeout=timeout,
        auth=auth,
        follow_redirects=follow_redirects,
        limits=httpx2.Limits(keepalive_expiry=KEEPALIVE_S),
    )


def _never_sent(error: BaseException | None) -> bool:
    """Whether the transport failed at the connection. Its own error lies below the client's, or in a group."""
    if error is None or isinstance(error, _NEVER_SENT):
        return error is not None
    if isinstance(error, BaseExceptionGroup):
        return all(_never_sent(each) for each in error.exceptions)
    return _never_sent(error.__cause__)


def _session_is_gone(error: BaseException) -> bool:
    """The server has begun anew and doesn't know this session: it turned the call away unread."""
    return isinstance(error, MCPError) and error.code == INVALID_REQUEST and "session terminated" in str(error).lower()


def _meta(call: ToolCall) -> dict[str, Any]:
    meta = {
        names.META_AGENT: call.site.agent,
        names.META_ENTITY: call.site.entity,
        names.META_RUN: call.site.run,
        names.META_EFFECT_KEY: call.effect_key,
        names.META_HOP: call.hop,
    }
    return {key: value for key, value in meta.items() if value}


def _outcome(result: CallToolResult) -> Outcome:
    data = result.structured_content or {}
    said = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
    text = said if result.is_error or not data else json.dumps(data, ensure_ascii=False)
    return Outcome(text=text, data=dict(data), is_error=bool(result.is_error))
