"""The toy's tool server: one tool, which asks its vendor over HTTP."""

import os

import httpx
from fastmcp import FastMCP

from telemetry import setup
from telemetry.quiet import SERVER
from telemetry.tool_server import TakeOwner

server = FastMCP("toy", middleware=[TakeOwner()])


@server.tool
async def look(deal_id: int) -> str:
    """Look at a deal."""
    async with httpx.AsyncClient() as vendor:
        await vendor.get(os.environ["TOY_VENDOR"])
    return f"deal {deal_id} is there"


if __name__ == "__main__":
    with setup.telemetry("tool-server-toy", os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"], quiet=SERVER):
        setup.instrument_httpx()
        server.run(
            transport="http",
            host="127.0.0.1",
            port=int(os.environ["FARM_PORT"]),
            stateless_http=True,
            show_banner=False,
        )
