"""Calls by the farm's own client: so many at a time, each a logical call of its own, and how long each took."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import psutil

from gateway.calls.call import Call
from gateway.calls.client import Gateway

HEADER = "You read what happened to a deal, and say in a sentence what the salesperson should do next. " * 20
NEWS = "The client, who builds houses, asks for a new offer with fewer heaters and an earlier date. " * 20
WARM = 40
_numbers = count(1)


@dataclass(frozen=True)
class Server:
    """What is asked, and the process whose processor time is counted."""

    url: str
    key: str
    pid: int


@dataclass(frozen=True)
class Taken:
    """How long each call took, all of them together, and what the server used of the processor meanwhile."""

    each_s: tuple[float, ...] = ()
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.each_s + other.each_s, self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)

    def percentile_ms(self, share: float) -> float:
        """How long at most so large a share of the calls took."""
        ranked = sorted(self.each_s)
        return 1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))]

    @property
    def calls_per_s(self) -> float:
        return len(self.each_s) / self.wall_s

    @property
    def cpu_ms(self) -> float:
        """Of one call."""
        return 1000 * self.cpu_s / len(self.each_s)


async def ask(server: Server, concurrent: int, calls: int) -> Taken:
    """The processor's time is counted to the end of the second after: what is done when an answer has gone is part of
    its call.
    """
    client, process = Gateway(server.url, server.key), psutil.Process(server.pid)
    try:
        await _all(client, concurrent, concurrent)  # its connections stand
        await asyncio.sleep(1)
        used, begun = _cpu(process), time.perf_counter()
        each = await _all(client, concurrent, calls)
        wall = time.perf_counter() - begun
        await asyncio.sleep(1)
        return Taken(tuple(each), wall, _cpu(process) - used)
    finally:
        await client.close()


async def warm(server: Server) -> None:
    """What a server makes at its first calls is made."""
    await ask(server, 4, WARM)


async def _all(client: Gateway, concurrent: int, calls: int) -> list[float]:
    todo, each = iter(range(calls)), list[float]()
    await asyncio.gather(*(_some(client, todo, each) for _ in range(concurrent)))
    return each


async def _some(client: Gateway, todo: Iterator[int], each: list[float]) -> None:
    for _ in todo:
        call, begun = _call(), time.perf_counter()
        await client.complete(call)
        each.append(time.perf_counter() - begun)


def _call() -> Call:
    number = next(_numbers)
    return Call(
        role="triage",
        system=HEADER,
        messages=({"role": "user", "content": NEWS},),
        call_id=f"bench:deal:{number}/run-1/triage",
        tags={"agent": "bench", "entity": f"deal:{number}", "run": f"bench:deal:{number}/run-1", "step": "triage"},
    )


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)
