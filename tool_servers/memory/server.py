"""The memory tools: what is known of an entity, and what was learnt of it."""

from datetime import datetime
from typing import Annotated, Any

from fastmcp import Context, FastMCP
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.names import META_ONCE, META_QUICK
from store.memory import Fact, as_utc
from tool_servers.arguments import BadArguments
from tool_servers.ledger import Ledger, once
from tool_servers.memory.insights import Insights

NAME = "memory"

Entity = Annotated[
    str, Field(description="What it is about, such as deal:42", pattern=r"^[a-z_]+:\S+$", max_length=200)
]
Query = Annotated[str, Field(description="Words that the facts you look for would contain; empty for all")]
AsOf = Annotated[datetime | None, as_utc, Field(description="What was true then, such as 2026-01-15; left out: now")]
Facts = Annotated[list[Fact], Field(description="One fact an item", min_length=1, max_length=50)]
SourceEvent = Annotated[str, Field(description="Id of the event that it was learnt from")]
Run = Annotated[str, Field(description="The run that learnt it")]


def build(insights: Insights, ledger: Ledger) -> FastMCP:
    """The server over a memory, with its own ledger of effect keys."""
    server: FastMCP = FastMCP(
        NAME, instructions="Recall and keep facts that outlast a run.", middleware=[BadArguments()]
    )

    @server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False), meta={META_QUICK: True})
    async def recall(entity: Entity, query: Query = "", as_of: AsOf = None) -> dict[str, Any]:
        """Recall what is known of an entity: facts with since when they hold. The best matches come first."""
        return await insights.recall(entity, query, as_of)

    @server.tool(
        annotations=ToolAnnotations(
            read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
        meta={META_ONCE: True},
    )
    async def remember(
        ctx: Context, entity: Entity, facts: Facts, source_event: SourceEvent = "", run: Run = ""
    ) -> dict[str, Any]:
        """Keep facts about an entity. A new fact on a subject supersedes the old one; nothing is lost."""
        return await once(
            ledger, NAME, ctx, lambda key: insights.remember(entity, facts, source_event, run, key), find=None
        )

    @server.custom_route("/healthz", methods=["GET"])
    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "service": f"tool-server-{NAME}"})

    return server
