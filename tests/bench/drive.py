"""How runs are started, timed and weighed, the same for every system. Standard library alone."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

from tests.bench.job import Job, Measured

WARM_UP_TURNS = 2


async def drive(job: Job, run: Callable[[str, int], Awaitable[str]], weigh: Callable[[], int] = int) -> Measured:
    """Start `job.runs` runs, never more than `job.concurrent` at a time.

    `run(id, turns)` gives a run's outcome; `weigh()` the bytes that the system's own store holds at the moment.
    """
    await asyncio.gather(*(run(f"warm-{n}", WARM_UP_TURNS) for n in range(min(job.concurrent, 4))))
    measured = Measured(turns_done=job.turns)
    numbers = iter(range(1, job.runs + 1))

    async def lane() -> None:
        for number in numbers:
            begun = time.perf_counter()
            outcome = await run(run_id(number), job.turns)
            measured.seconds.append(time.perf_counter() - begun)
            if outcome != "completed":
                measured.outcome = outcome

    before = weigh()
    begun, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(lane() for _ in itertools.repeat(None, job.concurrent)))
    measured.wall_s, measured.cpu_s = time.perf_counter() - begun, time.process_time() - used
    measured.store_bytes = (weigh() - before) // job.runs
    return measured


def run_id(number: int) -> str:
    return f"run-{number}"
