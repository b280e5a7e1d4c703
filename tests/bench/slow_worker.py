"""A worker process for `recovery`: every model and tool call takes a while, and is noted when it begins and ends."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeVar

import httpx2

from activities.mcp import Outcome
from contracts.calls import ToolCall
from tests.bench.farmstead import worker
from tests.bench.job import Job
from tests.bench.scripted import PlainFunction, think

T = TypeVar("T")
Kind = Literal["model call", "tool call", "hired"]

CALL_S = 1.5


@dataclass(frozen=True)
class Mark:
    """A call's begin or end, or that a worker polls, by the wall clock that all processes of a machine share."""

    pid: int
    run: str
    kind: Kind
    begins: bool
    at: float


def marks_file(directory: str) -> Path:
    return Path(directory) / "marks.jsonl"


class Noted:
    """Takes a while over a call, with a mark before and one after."""

    def __init__(self, directory: str) -> None:
        # appended a line at a time, which other processes may read at any moment
        self._file = os.open(marks_file(directory), os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def call(self, run: str, kind: Kind, work: Callable[[], Awaitable[T]]) -> T:
        self.mark(run, kind, begins=True)
        await asyncio.sleep(CALL_S)
        done = await work()
        self.mark(run, kind, begins=False)
        return done

    def mark(self, run: str, kind: Kind, *, begins: bool) -> None:
        mark = Mark(os.getpid(), run, kind, begins, time.time())
        os.write(self._file, json.dumps(asdict(mark)).encode() + b"\n")


class SlowTool(PlainFunction):
    def __init__(self, noted: Noted) -> None:
        super().__init__()
        self._noted = noted

    async def call(self, call: ToolCall) -> Outcome:
        fast = super().call
        return await self._noted.call(call.site.run, "tool call", lambda: fast(call))


async def main(job: Job) -> None:
    noted = Noted(job.directory)

    async def slow(request: httpx2.Request) -> httpx2.Response:
        async def answer() -> httpx2.Response:
            return think(request)

        run = request.headers["x-litellm-call-id"].rpartition("/")[0]
        return await noted.call(run, "model call", answer)

    async with worker(job, slow, SlowTool(noted)):
        noted.mark("", "hired", begins=False)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Job.from_argument()))
