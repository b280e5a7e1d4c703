"""A tool server as a process: its log, its port."""

import logging

from fastmcp import FastMCP


def log_to_stderr() -> None:
    """One line a record, fastmcp's among them (it comes with a decorated log of its own)."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    fastmcp = logging.getLogger("fastmcp")
    fastmcp.handlers.clear()
    fastmcp.propagate = True


async def serve(server: FastMCP, host: str, port: int) -> None:
    """Streamable HTTP at /mcp until SIGTERM. No session is kept, so a restart costs a client nothing."""
    await server.run_http_async(
        host=host,
        port=port,
        path="/mcp",
        stateless_http=True,
        show_banner=False,
        uvicorn_config={"log_config": None, "access_log": False, "timeout_graceful_shutdown": 3},
    )
