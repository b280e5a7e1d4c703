"""MCP clients kept open between calls: opening one costs more than the call that it is for.

A client serves one call at a time. So a call that is cancelled or goes wrong takes its own connection with it and no
other's, and closing that connection is what tells the server.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from fastmcp import Client

MOST_IDLE = 32
"""Of one server; more calls at once than that open a client each and close it."""


class OpenClients:
    """`new`: server name -> a client that isn't open yet."""

    def __init__(self, new: Callable[[str], Client[Any]]) -> None:
        self._new = new
        self._idle: dict[str, list[Client[Any]]] = defaultdict(list)

    async def take(self, server: str) -> Client[Any]:
        """An open client, yours alone until you give it back or drop it."""
        while self._idle[server]:
            client = self._idle[server].pop()
            if client.is_connected():
                return client
            await _close(client)
        client = self._new(server)
        await client.__aenter__()  # type: ignore[no-untyped-call]
        return client

    async def give_back(self, server: str, client: Client[Any]) -> None:
        """After a call that went well."""
        if len(self._idle[server]) < MOST_IDLE:
            self._idle[server].append(client)
        else:
            await _close(client)

    async def drop(self, server: str, client: Client[Any]) -> Exception | None:
        """After one that didn't. Returns what ended the connection, where something had.

        What else is open to this server may be as stale, and is opened anew too.
        """
        stale, self._idle[server] = self._idle[server], []
        ended_by = await _close(client)
        for each in stale:
            await _close(each)
        return ended_by

    async def close(self) -> None:
        for server in tuple(self._idle):
            for client in self._idle.pop(server):
                await _close(client)


async def _close(client: Client[Any]) -> Exception | None:
    try:
        await client.close()  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001  the client's own session had failed: its error comes out here
        return error
    return None
