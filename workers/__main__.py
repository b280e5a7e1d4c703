"""`python -m workers <agent>`: one process of the agent's worker pool."""

import asyncio
import logging
import sys

import uvicorn

from contracts.environment import read
from workers.process import app, polling
from workers.settings import WorkerSettings
from workers.strict import refusal
from workflows.registry import agent


def main() -> None:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Every call is on a span and in the store; a line for each request would bury what matters.
    logging.getLogger("httpx2").setLevel("WARNING")
    if len(sys.argv) != 2:  # noqa: PLR2004  a program and its one argument
        sys.exit("usage: python -m workers <agent>")
    try:
        spec = agent(sys.argv[1])
    except LookupError as unknown:
        sys.exit(f"worker: {unknown}")
    settings = read(WorkerSettings, "worker")
    if refused := asyncio.run(refusal(spec, settings.tool_servers)):
        sys.exit(f"worker: {refused}")
    uvicorn.run(app(spec, polling(spec, settings)), host=settings.host, port=settings.port, log_level="warning")


if __name__ == "__main__":
    main()
