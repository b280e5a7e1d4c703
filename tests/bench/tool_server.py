"""`python -m tests.bench.tool_server <port>`: the tool behind MCP's Streamable HTTP door, as a tool server has it."""

import sys

import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.bench.scripted import mcp_server


def main() -> None:
    server = mcp_server()

    @server.custom_route("/healthz", ["GET"])
    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    uvicorn.run(server.http_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
