"""A tool server with one tool of each kind of trouble, and a record of every call that reached it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from mcp.types import ToolAnnotations

from contracts.names import META_EFFECT_KEY, META_ONCE, META_RECONCILE

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


@dataclass
class Workshop:
    """`errors`: the texts that the next calls of `add_note` fail with.

    `found`: what `find_note` answers, None for an error of its own; `trouble`: what it fails with.
    """

    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    metas: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] | None = None
    trouble: str = ""
    sought: list[str] = field(default_factory=list)
    slow_s: float = 0.0

    @property
    def keys(self) -> list[str]:
        return [meta.get(META_EFFECT_KEY, "") for meta in self.metas]

    def server(self) -> FastMCP:
        server: FastMCP = FastMCP("workshop")

        @server.tool(annotations=READS)
        async def get_deal(deal_id: int, ctx: Context) -> dict[str, Any]:
            """A deal."""
            self._note_meta(ctx)
            await asyncio.sleep(self.slow_s)
            return {"id": deal_id, "title": "Résidence Les Tilleuls"}

        @server.tool(annotations=READS)
        async def linked(url: str) -> dict[str, Any]:
            """Something that can be looked at."""
            return {"url": url}

        @server.tool(annotations=READS)
        async def long_story() -> dict[str, Any]:
            """More than a workflow's history should hold."""
            return {"story": "x" * 5_000}

        @server.tool(meta={META_ONCE: True, META_RECONCILE: "find_note"})
        async def add_note(content: str, ctx: Context) -> dict[str, Any]:
            """Add a note."""
            self._note_meta(ctx)
            if self.errors:
                raise ToolError(self.errors.pop(0))
            self.notes.append(content)
            return {"note": len(self.notes)}

        @server.tool()
        async def send_offer(content: str) -> dict[str, Any]:
            """Send an offer."""
            self.notes.append(content)
            return {"sent": True}

        @server.tool(annotations=READS)
        async def find_note(content: str, ctx: Context) -> dict[str, Any]:
            """Whether a note was added."""
            self._note_meta(ctx)
            self.sought.append(content)
            if self.trouble or self.found is None:
                raise ToolError(self.trouble or "ouch")
            return self.found

        return server

    def _note_meta(self, ctx: Context) -> None:
        assert ctx.request_context is not None
        self.metas.append(dict(ctx.request_context.meta or {}))
