"""The senders of `intake`: the starter's by HTTP, as the CRM is one; or Temporal's own, without a starter between."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self, TypeVar

import httpx
from temporalio.client import Client

from contracts.converter import data_converter
from ops.drill.intake.traffic import Letter, Traffic, events, letters
from ops.leaving import leave
from starter.intake.delivery import Delivery
from tests.bench.job import say
from workflows.sales.agent import SALES

T = TypeVar("T")

USER, PASSWORD = "pipedrive", "intake"
PATIENCE_S = 30.0
HEADERS = {"content-type": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Sending(Traffic):
    """What a sender is told."""

    lanes: int
    """Requests in flight."""

    temporal: str
    directory: str
    """For the process's own files."""

    url: str

    @classmethod
    def from_argument(cls) -> Self:
        return cls(**json.loads(sys.argv[-1]))

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


async def main(how: str, traffic: Sending) -> None:
    say(await (_bare(traffic) if how == "bare" else _by_http(traffic)))


async def _bare(traffic: Sending) -> dict[str, Any]:
    """Signal-with-start, as the starter does it, for each event."""
    client = await Client.connect(traffic.temporal, data_converter=data_converter)
    delivery = Delivery(client, timedelta(seconds=PATIENCE_S))
    news = list(events(traffic))
    begun = time.perf_counter()
    await _in_lanes(traffic.lanes, news, lambda event: delivery.deliver(SALES, event))
    return {"sent": len(news), "rate_per_s": len(news) / (time.perf_counter() - begun)}


async def _by_http(traffic: Sending) -> dict[str, Any]:
    """Every letter once, whatever the answer. `accepted`: the distinct events that got a 2xx as news."""
    post, taken, outcomes, took = list(letters(traffic)), set[str](), Counter[str](), list[float]()
    limits = httpx.Limits(max_connections=traffic.lanes, max_keepalive_connections=traffic.lanes)
    async with httpx.AsyncClient(auth=(USER, PASSWORD), limits=limits, timeout=PATIENCE_S) as client:

        async def send(letter: Letter) -> None:
            begun = time.perf_counter()
            try:
                answer = await client.post(traffic.url, content=letter.body, headers=HEADERS)
            except httpx.TransportError as error:
                outcomes[f"{letter.kind} {type(error).__name__}"] += 1
                return
            took.append(time.perf_counter() - begun)
            outcomes[f"{letter.kind} {answer.status_code} {answer.json()['outcome']}"] += 1
            if answer.is_success and letter.event:
                taken.add(letter.event)

        begun = time.perf_counter()
        await _in_lanes(traffic.lanes, post, send)
        wall = time.perf_counter() - begun
    took.sort()
    return {
        "sent": len(post),
        "accepted": sorted(taken),
        "outcomes": outcomes,
        "rate_per_s": len(post) / wall,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[int(0.99 * (len(took) - 1))],
    }


async def _in_lanes(lanes: int, things: Iterable[T], send: Callable[[T], Awaitable[object]]) -> None:
    """So many at a time, in order."""
    queue = iter(things)

    async def lane() -> None:
        for thing in queue:
            await send(thing)

    await asyncio.gather(*(lane() for _ in range(lanes)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Sending.from_argument()))
    leave(0)
