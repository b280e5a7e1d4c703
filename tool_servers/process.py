"""A tool server as a process: its log, its telemetry, its port, its end."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from fastmcp import FastMCP

from telemetry.setup import telemetry
from telemetry.tool_server import TakeOwner


@contextmanager
def process(name: str, otlp_endpoint: str | None) -> Iterator[None]:
    """Around everything a tool server does. Leaving it sends the last spans."""
    log_to_stderr()
    # uvicorn raises SIGTERM again when it has closed its doors; unheard, it would end us before our own closing.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with telemetry(f"tools-{name}", otlp_endpoint):
        yield


def log_to_stderr() -> None:
    """One line a record, fastmcp's among them (it comes with a decorated log of its own)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Each request of a vendor is on a span; a line for it would bury what matters.
    logging.getLogger("httpx").setLevel("WARNING")
    fastmcp = logging.getLogger("fastmcp")
    fastmcp.handlers.clear()
    fastmcp.propagate = True


async def serve(server: FastMCP, host: str, port: int) -> None:
    """Streamable HTTP at /mcp until SIGTERM. No session is kept, so a restart costs a client nothing."""
    server.add_middleware(TakeOwner())
    await server.run_http_async(
        host=host,
        port=port,
        path="/mcp",
        stateless_http=True,
        show_banner=False,
        uvicorn_config={"log_config": None, "access_log": False, "timeout_graceful_shutdown": 3},
    )
