"""The worker process of `approvals`: its tool notes each call that was really made, by the machine's clock."""

import asyncio
import json
import os
import time
from functools import partial
from pathlib import Path

from activities.mcp import Outcome
from contracts.calls import ToolCall
from tests.bench.agent import SERVER, SIGN
from tests.bench.farmstead import worker
from tests.bench.job import Job
from tests.bench.scripted import PlainFunction, think


def signed_file(directory: str) -> Path:
    return Path(directory) / "signed.jsonl"


class CountingTool(PlainFunction):
    """Written before it answers, so a call that is made twice is there twice."""

    def __init__(self, directory: str) -> None:
        super().__init__()
        self._file = os.open(signed_file(directory), os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def call(self, call: ToolCall) -> Outcome:
        if (call.server, call.tool) == (SERVER, SIGN):
            os.write(self._file, json.dumps({"run": call.site.run, "at": time.time()}).encode() + b"\n")
        return await super().call(call)


async def main(job: Job) -> None:
    async with worker(job, partial(think, tool=SIGN), CountingTool(job.directory)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Job.from_argument()))
