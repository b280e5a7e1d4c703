"""A drill from the first change to the verdict."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from ops.drill import evidence, verdict
from ops.drill.book import per_boundary
from ops.drill.crowd import Crowd
from ops.drill.evidence import Evidence
from ops.drill.kill_plan import KillPlan
from ops.drill.killers import kill_tool_servers, kill_workers
from ops.drill.outages import STOP_GATEWAY, VENDOR_OUTAGE, Outage
from ops.drill.recovery import recoveries, returns, summary
from ops.drill.stage import Stage, book_of, plan, stage, wipe
from ops.drill.verdict import Verdict

KILL_WORKER = "kill-worker"
KILLS_PER_RUN = 1.75
AT_ONCE = 16
WARM_STEPS = 4
"""Steps a run, on average, before a part is taken away: then all are in the middle of something."""

SETTLES_S = 3.0
"""After the last run: for what the CRM and Slack are still about to hear."""


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    drill: str
    runs: int
    offset: int
    to: Console
    settings: dict[str, str]
    """Of the stack, where they aren't the process list's: another store."""


async def kill_worker(order: Order) -> Verdict:
    """Runs, and workers killed under them at every boundary."""
    begun = time.monotonic()
    async with _set_up(order, kills=round(KILLS_PER_RUN * order.runs)) as on:
        servers: list[str] = []
        crowd = Crowd(on)
        order.to.print(f"[bold]{order.runs} runs[/]; workers die at every boundary ...")
        killers = kill_workers(on), kill_tool_servers(on, servers)
        await beside(crowd.play(order.runs, AT_ONCE), *killers, _tell(on, order.runs), _watch(on))
        kills = on.book.kills()
        recovered = recoveries(kills, on.book.steps())
        return await _judge(on, crowd, order.drill, begun, recovered, tool_server_kills=len(servers))


async def stop_part(order: Order, outage: Outage, seconds: float) -> Verdict:
    """Runs, and a part of the stack that is away for a while in the middle of them."""
    begun = time.monotonic()
    async with _set_up(order, kills=0) as on:
        crowd = Crowd(on)
        order.to.print(f"[bold]{order.runs} runs[/]; in the middle of them {order.drill} for {seconds:.0f} s ...")
        away = asyncio.create_task(_take_away(on, outage, seconds, min(order.runs, AT_ONCE)))
        await beside(crowd.play(order.runs, AT_ONCE), _raising(away), _tell(on, order.runs), _watch(on))
        gone, back = await away
        return await _judge(on, crowd, order.drill, begun, returns(back, on.book.steps()), away_s=round(back - gone, 1))


def _set_up(order: Order, kills: int) -> AbstractAsyncContextManager[Stage]:
    whole = plan(order.offset, order.settings)
    wipe(whole.instance)
    book = book_of(whole.instance)
    book.begin(KillPlan(runs=order.runs, kills=kills, at_once=min(AT_ONCE, order.runs)))
    return stage(whole, book, order.to)


async def _take_away(on: Stage, outage: Outage, seconds: float, runs: int) -> tuple[float, float]:
    """When it went, and when it was back, in seconds since the epoch."""
    while len(on.book.steps()) < WARM_STEPS * runs:  # noqa: ASYNC110  other processes write them
        await asyncio.sleep(0.2)
    async with outage(on):
        gone = time.time()
        on.to.print(f"away, with {len(on.book.steps())} steps done ...", style="yellow")
        await asyncio.sleep(seconds)
    back = time.time()
    on.to.print(f"back after {back - gone:.0f} s.", style="yellow")
    return gone, back


async def _judge(on: Stage, crowd: Crowd, drill: str, begun: float, recovered: list[float], **more: Any) -> Verdict:
    """Look at what is left behind, and say what it comes to."""
    await asyncio.sleep(SETTLES_S)
    rounds = dict(crowd.rounds)
    seen = await evidence.gather(on, list(rounds))
    twice, missing = verdict.duplicates(seen, rounds), verdict.lost(seen, rounds)
    kills = on.book.kills()
    p50, longest = summary(recovered)
    return Verdict(
        drill=drill,
        runs=sum(rounds.values()),
        finished=sum(status == "done" for status in seen.runs.values()),
        kills=len(kills),
        kills_at=per_boundary(kills),
        ended_by_themselves=on.book.ended_by_themselves(),
        duplicates=len(twice),
        lost=len(missing),
        in_doubt=seen.in_doubt,
        **_sizes(seen),
        recoveries=len(recovered),
        recovery_p50_s=p50,
        recovery_max_s=longest,
        took_s=round(time.monotonic() - begun, 1),
        wrong=(
            *verdict.complaints(seen, twice, missing, crowd.late, gateway_died=drill == STOP_GATEWAY),
            *(verdict.unmet(seen) if drill == VENDOR_OUTAGE else ()),
        ),
        **{"tool_server_kills": 0, "away_s": 0.0, **more},
    )


def _sizes(seen: Evidence) -> dict[str, int]:
    return {
        "events": len(seen.events),
        "effects": sum(each.total() for each in seen.effects.values()),
        "chains": seen.heads,
        "broken_chains": len(seen.broken),
        "paid_twice": verdict.overpaid(seen),
        "by_standby": seen.by_standby,
        "overloaded": seen.overloaded,
    }


async def _tell(on: Stage, runs: int) -> None:
    """How far it is, every ten seconds."""
    begun = time.monotonic()
    while True:
        await asyncio.sleep(10)
        done, kills = on.book.progress()
        on.to.print(f"{time.monotonic() - begun:6.0f} s  {done:3} of {runs} runs done, {kills} kills", style="dim")


async def _watch(on: Stage) -> None:
    """Raises where a part ends that nobody took away."""
    raise await on.stack.next_failure()


async def _raising(task: "asyncio.Task[Any]") -> None:
    """Ends only where the task went wrong: that it is done is no reason to stop."""
    await task
    await asyncio.Event().wait()


async def beside(main: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Run `main` to its end, and the others as long. What goes wrong with one goes wrong with all."""
    tasks = [asyncio.ensure_future(each) for each in (main, *others)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
