"""`./farm bench intake`: webhooks in bursts through the real starter, and every accepted event in exactly one run."""

import asyncio
import contextlib
import os
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, BinaryIO

import httpx
from sqlalchemy import select

from ops.console import progress
from ops.places import ROOT, farm_python
from store.database import Database
from store.tables import RunRow
from tests.bench.contenders import run
from tests.bench.intake_sender import PASSWORD, USER, Sending
from tests.bench.report import Report, Verdict
from tests.bench.slack_sender import SIGNING_SECRET, Chatter
from tests.bench.stand import Stand
from tests.integration.starter.relay import relayed

EVENTS, DEALS = 20_000, 500
QUICK_EVENTS, QUICK_DEALS = 300, 25
LANES = 16
BARE_FIRST_DEAL = 1_000_000
MOST_P99_MS = 500
LEAST_SHARE = 0.7
PRESSED_EVENTS, PRESSED_LANES, PRESSED_FIRST_DEAL = 3_000, 250, 2_000_000
CHATTER_S, QUICK_CHATTER_S, CHATTER_PER_S, CHATTER_FIRST_DEAL = 20.0, 4.0, 15.0, 3_000_000
STANDSTILL_S = 60
"""After the last new run: what has not come by then is lost."""

NOTES = (
    "rate_per_s: requests answered a second, sixteen in flight, while the worker takes the events in on the same "
    "machine. bare_rate_per_s: signal-with-start alone, of as many events in the same bursts, on the same server "
    "beside the same worker, in the same run.",
    "slack_...: events, commands and clicks beside more webhooks than the starter works on at once, while "
    "Temporal says nothing.",
    "duplicates: requests that the starter answered as such. twice: events in more than one run.",
)


@dataclass(frozen=True)
class IntakeRow:
    system: str
    sent: int
    accepted: int
    delivered: int
    duplicates: int
    refused: int
    lost: int
    twice: int
    runs: int
    rate_per_s: float
    bare_rate_per_s: float
    p50_ms: float
    p99_ms: float
    slack_sent: int
    slack_refused: int
    slack_p99_ms: float
    slack_over_3s: int


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    count, deals = (QUICK_EVENTS, QUICK_DEALS) if quick else (EVENTS, DEALS)
    room = stand.room("intake")
    store = f"sqlite+aiosqlite:///{room / 'farm.db'}"
    port = free_port()
    asked = Sending(
        events=count,
        deals=deals,
        lanes=LANES,
        temporal=stand.temporal,
        directory=str(room),
        url=f"http://127.0.0.1:{port}/webhooks/pipedrive",
    )
    async with AsyncExitStack() as running:
        log = running.enter_context((room / "processes.log").open("wb"))
        start = partial(process, log=log)
        pool, its_port = "ops.drill.intake.toy_worker", str(free_port())
        await running.enter_async_context(start("-m", pool, stand.temporal, store, its_port))
        await running.enter_async_context(start("-m", "starter", **_starter_settings(asked, store, port)))
        await ready(f"http://127.0.0.1:{port}/readyz")
        plain = await _send("bare", replace(asked, first_deal=BARE_FIRST_DEAL))
        progress.print(f"bare: {plain['rate_per_s']:.0f} events/s")
        await _taken_in(store, count)
        sent = await _send("http", asked)
        progress.print(f"through the starter: {sent['rate_per_s']:.0f} requests/s")
        await _taken_in(store, count + len(sent["accepted"]))
        slack = await _pressed(asked, store, start, quick=quick)
    row = await _row(store, plain, sent, slack)
    return Report("Webhooks in bursts", [asdict(row)], verdicts(row), NOTES)


async def _pressed(
    asked: Sending, store: str, start: Callable[..., AbstractAsyncContextManager[None]], *, quick: bool
) -> dict[str, Any]:
    """Slack's requests at a starter whose places are all taken by webhooks, while Temporal says nothing."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    flood = replace(
        asked,
        events=QUICK_EVENTS if quick else PRESSED_EVENTS,
        lanes=PRESSED_LANES,
        url=f"{url}/webhooks/pipedrive",
        first_deal=PRESSED_FIRST_DEAL,
    )
    chatter = Chatter(url, QUICK_CHATTER_S if quick else CHATTER_S, CHATTER_PER_S, CHATTER_FIRST_DEAL)
    async with relayed(asked.temporal) as relay:
        settings = _starter_settings(replace(asked, temporal=relay.address), store, port)
        async with start("-m", "starter", **settings):
            await ready(f"{url}/readyz")
            relay.fall_silent()
            webhooks, slack = await asyncio.gather(
                _send("http", flood),
                run("Slack", (str(farm_python()), "-m", "tests.bench.slack_sender"), chatter),
            )
            await relay.come_back()
            progress.print(f"Slack meanwhile: p99 {slack['p99_ms']:.0f} ms, {slack['outcomes']}")
            # By name: of what was refused some was stored all the same, and comes too.
            await _taken_in(store, {*webhooks["accepted"], *slack["taken"]})
    taken, _ = await _runs(store)
    return slack | {"lost": len({*webhooks["accepted"], *slack["taken"]} - taken.keys())}


async def _row(store: str, plain: dict[str, Any], sent: dict[str, Any], slack: dict[str, Any]) -> IntakeRow:
    taken, runs = await _runs(store)
    accepted, outcomes = set(sent["accepted"]), Counter(sent["outcomes"])
    return IntakeRow(
        system="Farmstead",
        sent=sent["sent"],
        accepted=len(accepted),
        delivered=len(accepted & taken.keys()),
        duplicates=sum(number for name, number in outcomes.items() if name.endswith("duplicate")),
        refused=sum(number for name, number in outcomes.items() if name.startswith("garbage")),
        lost=len(accepted - taken.keys()) + slack["lost"],
        twice=sum(taken[event] > 1 for event in accepted),
        runs=runs,
        rate_per_s=sent["rate_per_s"],
        bare_rate_per_s=plain["rate_per_s"],
        p50_ms=sent["p50_ms"],
        p99_ms=sent["p99_ms"],
        slack_sent=slack["sent"],
        slack_refused=slack["refused"],
        slack_p99_ms=slack["p99_ms"],
        slack_over_3s=slack["over_3s"],
    )


def verdicts(row: IntakeRow) -> list[Verdict]:
    share = row.rate_per_s / row.bare_rate_per_s
    return [
        Verdict(row.lost == 0 and row.delivered == row.accepted, f"{row.delivered} of {row.accepted} reached a run"),
        Verdict(row.twice == 0, f"{row.twice} events in more than one run"),
        Verdict(row.p99_ms < MOST_P99_MS, f"p99 {row.p99_ms:.0f} ms, less than {MOST_P99_MS}"),
        Verdict(row.slack_over_3s == 0, f"{row.slack_over_3s} of {row.slack_sent} answers to Slack after 3 s"),
        Verdict(share >= LEAST_SHARE, f"{share:.0%} of the bare rate, at least {LEAST_SHARE:.0%}"),
    ]


async def _runs(store: str) -> tuple[Counter[str], int]:
    """Event id -> runs that have it; and how many runs there are of the starter's deals."""
    db = Database(store)
    async with db.reading() as session:
        rows = (await session.scalars(select(RunRow))).all()
    await db.close()
    events = Counter(event["id"] for row in rows for event in row.events)
    return events, sum(int(row.entity.partition(":")[2]) < BARE_FIRST_DEAL for row in rows)


async def _taken_in(store: str, wanted: int | set[str]) -> None:
    """Wait until so many events, or these, are in runs, or nothing more comes."""
    last, since = 0, time.monotonic()
    while time.monotonic() - since < STANDSTILL_S:
        taken = (await _runs(store))[0].keys()
        there = len(taken)
        if there >= wanted if isinstance(wanted, int) else wanted <= taken:
            return
        if there > last:
            last, since = there, time.monotonic()
        await asyncio.sleep(1)


def _starter_settings(asked: Sending, store: str, port: int) -> dict[str, str]:
    return {
        "FARM_PORT": str(port),
        "FARM_STORE_URL": store,
        "FARM_WEBHOOK_USERNAME": USER,
        "FARM_WEBHOOK_PASSWORD": PASSWORD,
        "TEMPORAL_ADDRESS": asked.temporal,
        "PIPEDRIVE_API_TOKEN": "",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": "http://127.0.0.1:9/",  # nobody there: what a person is told afterwards isn't measured
    }


async def ready(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(STANDSTILL_S):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(url)).is_success:
                    return
            await asyncio.sleep(0.1)


async def _send(how: str, traffic: Sending) -> dict[str, Any]:
    return await run("the sender", (str(farm_python()), "-m", "tests.bench.intake_sender", how), traffic)


@asynccontextmanager
async def process(*argv: str, log: BinaryIO, **settings: str) -> AsyncIterator[None]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    started = await asyncio.create_subprocess_exec(str(farm_python()), *argv, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield
    finally:
        started.terminate()
        await started.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
