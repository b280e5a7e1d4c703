"""A drill from the first change to the verdict."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from rich.console import Console

from ops.drill import evidence, verdict
from ops.drill.book import per_boundary
from ops.drill.crowd import Crowd
from ops.drill.evidence import Evidence
from ops.drill.kill_plan import KillPlan
from ops.drill.killers import kill_tool_servers, kill_workers
from ops.drill.recovery import recoveries, summary
from ops.drill.stage import Stage, book_of, plan, stage, wipe
from ops.drill.verdict import Verdict

KILL_WORKER = "kill-worker"
KILLS_PER_RUN = 1.6
AT_ONCE = 16
SETTLES_S = 3.0
"""After the last run: for what the CRM and Slack are still about to hear."""


async def kill_worker(runs: int, offset: int, to: Console) -> Verdict:
    """Runs, and workers killed under them at every boundary."""
    begun = time.monotonic()
    whole = plan(offset)
    wipe(whole.instance)
    book = book_of(whole.instance)
    book.begin(KillPlan(runs=runs, kills=round(KILLS_PER_RUN * runs), at_once=min(AT_ONCE, runs)))
    async with stage(whole, book, to) as on:
        servers: list[str] = []
        crowd = Crowd(on)
        to.print(f"[bold]{runs} runs[/], {AT_ONCE} at once; workers die at every boundary ...")
        await _beside(crowd.play(runs, AT_ONCE), kill_workers(on), kill_tool_servers(on, servers), _tell(on, runs))
        return await judge(on, crowd, KILL_WORKER, begun, tool_server_kills=len(servers))


async def judge(on: Stage, crowd: Crowd, drill: str, begun: float, **more: Any) -> Verdict:
    """Look at what is left behind, and say what it comes to."""
    await asyncio.sleep(SETTLES_S)
    rounds = dict(crowd.rounds)
    seen = await evidence.gather(on, list(rounds))
    twice, missing = verdict.duplicates(seen, rounds), verdict.lost(seen, rounds)
    kills = on.book.kills()
    recovered = recoveries(kills, on.book.steps())
    p50, longest = summary(recovered)
    told = {"tool_server_kills": 0, "away_s": 0.0, "recovery_p50_s": p50, "recovery_max_s": longest} | more
    return Verdict(
        drill=drill,
        runs=sum(rounds.values()),
        finished=sum(status == "done" for status in seen.runs.values()),
        kills=len(kills),
        kills_at=per_boundary(kills),
        duplicates=len(twice),
        lost=len(missing),
        in_doubt=seen.in_doubt,
        **_sizes(seen),
        recoveries=len(recovered),
        took_s=round(time.monotonic() - begun, 1),
        wrong=tuple(verdict.complaints(seen, twice, missing, crowd.late)),
        **told,
    )


def _sizes(seen: Evidence) -> dict[str, int]:
    return {
        "events": len(seen.events),
        "effects": sum(each.total() for each in seen.effects.values()),
        "chains": seen.heads,
        "broken_chains": len(seen.broken),
    }


async def _tell(on: Stage, runs: int) -> None:
    """How far it is, every ten seconds."""
    begun = time.monotonic()
    while True:
        await asyncio.sleep(10)
        done, kills = on.book.progress()
        on.to.print(f"{time.monotonic() - begun:6.0f} s  {done:3} of {runs} runs done, {kills} kills", style="dim")


async def _beside(main: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Run `main` to its end, and the others as long. What goes wrong with one goes wrong with all."""
    playing = asyncio.ensure_future(main)
    beside = [asyncio.ensure_future(each) for each in others]
    try:
        await asyncio.wait([playing, *beside], return_when=asyncio.FIRST_COMPLETED)
        for task in (playing, *beside):
            if task.done():
                task.result()
    finally:
        for task in (playing, *beside):
            task.cancel()
        await asyncio.gather(playing, *beside, return_exceptions=True)
