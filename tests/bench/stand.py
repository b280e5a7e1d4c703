"""Where the benchmarks run: a Temporal dev server of its own with the stack's flags, and an empty directory."""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.console import progress
from ops.errors import FarmError
from ops.places import PROCESSES, Instance, instance
from ops.stack import state
from ops.stack.board import Board
from ops.stack.plan import make_plan
from ops.stack.processes import Part, read
from ops.stack.runner import Stack

INSTANCE = "bench"
PARTS = ("temporal", "search-attributes", "bench-tool")
TOOL = Part(
    about="the benchmarks' tool, behind MCP's HTTP",
    argv=(sys.executable, "-m", "tests.bench.tool_server", "{port}"),
    ports={"http": 8151},
    ready="http://127.0.0.1:{port}/healthz",
)


@dataclass(frozen=True)
class Stand:
    temporal: str
    directory: Path
    tool_url: str

    def room(self, name: str) -> Path:
        """An empty directory for one contender's files."""
        made = self.directory / name
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        return made


@asynccontextmanager
async def stand(offset: int, place: Instance | None = None) -> AsyncIterator[Stand]:
    """The server as temporal-dev/processes.toml starts it, whatever Temporal the environment names. Empty at first."""
    place = place or instance(INSTANCE)
    if state.is_running(state.load(place)):
        raise FarmError("a benchmark runs already, and this one would wipe its files", "./farm status shows it.")
    shutil.rmtree(place.directory, ignore_errors=True)
    listed = read(PROCESSES)
    listed = listed.model_copy(update={"parts": {**listed.parts, "bench-tool": TOOL}})
    plan = make_plan(listed, place, offset, {**os.environ, "TEMPORAL_ADDRESS": ""})
    door = next(claim.port for claim in plan.claims if claim.part == "bench-tool")
    async with Stack(plan.only(*PARTS), Board(progress)):
        yield Stand(plan.env["TEMPORAL_ADDRESS"], place.directory, f"http://127.0.0.1:{door}/mcp")
