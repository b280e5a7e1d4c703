from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastmcp import Client, FastMCP

from contracts.names import META_EFFECT_KEY
from store.database import Database
from store.memory import Memory
from store.tool_ledger import ToolLedger
from tool_servers.memory.insights import Insights
from tool_servers.memory.server import build

Call = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def memory(db: Database) -> Memory:
    return Memory(db)


@pytest.fixture
def server(memory: Memory, ledger: ToolLedger) -> FastMCP:
    return build(Insights(memory), ledger)


@pytest.fixture
def call(server: FastMCP) -> Call:
    """Call a tool as an agent does: by name, perhaps with an effect key."""

    async def call(tool: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        async with Client(server) as client:
            result = await client.call_tool(tool, arguments, meta={META_EFFECT_KEY: key} if key else None)
            answer: dict[str, Any] = result.structured_content
            return answer

    return call
