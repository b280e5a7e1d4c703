"""Parts that can be taken away for a while: killed outright, and started again on the same data and the same ports."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
from sqlalchemy import make_url

from ops.drill.stage import Stage

Outage = Callable[[Stage], AbstractAsyncContextManager[None]]
"""The part is away while the block lasts."""


def without(*parts: str) -> Outage:
    """Parts of the stack, killed together and back one after the other."""

    @asynccontextmanager
    async def away(on: Stage) -> AsyncIterator[None]:
        await asyncio.gather(*(on.stack.take_away(part) for part in parts))
        try:
            yield
        finally:
            await asyncio.gather(*(on.stack.bring_back(part) for part in parts))

    return away


@asynccontextmanager
async def locked_store(on: Stage) -> AsyncIterator[None]:
    """SQLite has no server that could stop: a writer gets stuck instead, and nobody else can write."""
    file = Path(str(make_url(on.stack.plan.env["FARM_STORE_URL"]).database))
    stuck = sqlite3.connect(file, isolation_level=None, timeout=60, check_same_thread=False)
    # the store's own writers queue for the file, too: ours waits for its turn beside the loop
    await asyncio.to_thread(stuck.execute, "BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        stuck.execute("ROLLBACK")
        stuck.close()


@asynccontextmanager
async def overloaded_vendor(on: Stage) -> AsyncIterator[None]:
    """The vendor says 529 for each role's own model. The orchestrator has a standby, the others wait."""
    faults = f"{on.stack.plan.env['ANTHROPIC_BASE_URL']}/sandbox/faults"
    async with httpx.AsyncClient() as client:
        for model in OWN_MODELS:
            (await client.post(faults, json={"mode": "fail", "status": 529, "model": model})).raise_for_status()
        try:
            yield
        finally:
            (await client.delete(faults)).raise_for_status()


VENDOR_OUTAGE = "vendor-outage"
STOP_GATEWAY = "stop-gateway"
OWN_MODELS = ("haiku-5-5", "sonnet-5-5")
"""Parts of the names of gateway/models.toml's models that aren't a standby. Were they others, nobody would meet the
outage, and the drill says so."""

OUTAGES: dict[str, Outage] = {
    VENDOR_OUTAGE: overloaded_vendor,
    "stop-temporal": without("temporal"),
    STOP_GATEWAY: without("gateway"),
    "stop-tools": without("tools-crm", "tools-slack", "tools-memory"),
    "stop-store": locked_store,
}
