"""The wires around what a worker calls."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from fastmcp import FastMCP

from contracts.calls import CallSite, ToolCall
from ops.drill.book import Book
from ops.drill.boundaries import Boundary
from ops.drill.wires import WiredServers, Wires


@dataclass
class Asked:
    """A book that lets everyone live, and notes who came by."""

    came_by: list[tuple[str, Boundary]] = field(default_factory=list)

    def strike(self, boundary: Boundary, run: str, step: str) -> bool:
        self.came_by.append((step, boundary))
        return False

    def at(self, step: str) -> list[Boundary]:
        return [boundary for who, boundary in self.came_by if who == step]


def server() -> FastMCP:
    crm: FastMCP = FastMCP("crm")

    @crm.tool
    async def add_note(seconds: float) -> dict[str, Any]:
        await asyncio.sleep(seconds)
        return {"note_id": 1}

    return crm


def call(step: str, *, effect_key: str = "", seconds: float = 0.0) -> ToolCall:
    site = CallSite(run="sales:deal:1/run-1", step=step)
    return ToolCall(site=site, server="crm", tool="add_note", arguments={"seconds": seconds}, effect_key=effect_key)


def wired() -> tuple[WiredServers, Asked]:
    asked = Asked()
    return WiredServers({"crm": server()}, Wires(cast(Book, asked))), asked


async def test_an_effect_passes_its_boundaries_in_order() -> None:
    """Before it, in the middle where it lasts, and before anyone has written down that it is done."""
    servers, asked = wired()
    outcome = await servers.call(call("orchestrate-2.1", effect_key="k", seconds=0.2))
    assert outcome.data == {"note_id": 1}
    assert asked.at("orchestrate-2.1") == [Boundary.BEFORE_EFFECT, Boundary.DURING_EFFECT, Boundary.AFTER_EFFECT]


async def test_a_read_is_no_boundary() -> None:
    """Nothing can be lost by it."""
    servers, asked = wired()
    await servers.call(call("orchestrate-1.1"))
    assert asked.came_by == []


async def test_the_first_of_a_batch_to_be_done_is_in_its_middle() -> None:
    """While others of the same turn are under way; the last one is not."""
    servers, asked = wired()
    await asyncio.gather(
        servers.call(call("orchestrate-2.1")),
        servers.call(call("orchestrate-2.2", seconds=0.5)),
        servers.call(call("orchestrate-3.1", seconds=0.1)),
    )
    assert asked.came_by == [("orchestrate-2.1", Boundary.IN_BATCH)]
