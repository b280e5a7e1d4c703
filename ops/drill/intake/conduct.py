"""A drill of the intake from the first webhook to the verdict."""

import asyncio
import time
from dataclasses import dataclass

from ops.drill.conduct import Order, beside
from ops.drill.intake import evidence
from ops.drill.intake.stage import IntakeStage, plan, stage
from ops.drill.intake.traffic import Traffic, letters
from ops.drill.intake.trouble import Kills, Trouble, trouble
from ops.drill.intake.vendor import Vendor
from ops.drill.intake.verdict import IntakeVerdict, accepted, taken, verdict
from ops.drill.stage import wipe

STANDSTILL_S = 60
"""After the last new event in a run: what has not come by then is lost."""

OUTAGES_LONG = 2
"""So many outages long webhooks come up for sending: a quarter before it, half of them in it, the rest behind it."""

TELL_EVERY_S = 10


@dataclass(frozen=True)
class Sizes:
    """How much comes in, and what happens meanwhile."""

    events: int
    deals: int
    outage_s: float
    kills: int


async def intake(order: Order, sizes: Sizes) -> IntakeVerdict:
    """Webhooks, Temporal away in the middle of them, and the starter killed before, meanwhile and after."""
    begun = time.monotonic()
    whole = plan(order.offset, order.settings)
    wipe(whole.instance)
    async with stage(whole, order.to) as on:
        vendor = Vendor(on.url, on.credentials, sizes.events / (OUTAGES_LONG * sizes.outage_s))
        order.to.print(f"[bold]{sizes.events} webhooks[/] on {sizes.deals} deals; Temporal and the starter die ...")
        done: list[Trouble] = []
        await beside(_play(on, vendor, sizes, done), _tell(on, vendor, sizes.events), _watch(on))
        seen = await evidence.gather(on.db, vendor.posted)
        kills, outage_s, drain_s = done[0].kills, done[0].outage_s, done[0].drain_s
        took_s = round(time.monotonic() - begun, 1)
        return verdict(seen, kills=kills, outage_s=outage_s, drain_s=drain_s, took_s=took_s)


async def _play(on: IntakeStage, vendor: Vendor, sizes: Sizes, done: list[Trouble]) -> None:
    post = list(letters(Traffic(sizes.events, sizes.deals)))
    async with asyncio.TaskGroup() as group:
        group.create_task(vendor.send(post))
        making = group.create_task(trouble(on, vendor, len(post), Kills.of(sizes.kills), sizes.outage_s))
    done.append(making.result())
    await _all_in_runs(on, vendor)


async def _all_in_runs(on: IntakeStage, vendor: Vendor) -> None:
    """Until every accepted event is in a run, or nothing more comes."""
    wanted = accepted(vendor.posted).keys()
    there, since = 0, time.monotonic()
    while time.monotonic() - since < STANDSTILL_S:
        handed = taken(await evidence.runs(on.db))
        if wanted <= handed.keys():
            return
        if len(handed) > there:
            there, since = len(handed), time.monotonic()
        await asyncio.sleep(1)


async def _tell(on: IntakeStage, vendor: Vendor, letters_: int) -> None:
    """How far it is."""
    begun = time.monotonic()
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        answered = f"{len(vendor.posted):5} of {letters_} answered"
        on.to.print(f"{time.monotonic() - begun:6.0f} s  {answered}", style="dim")


async def _watch(on: IntakeStage) -> None:
    """Raises where a part ends that nobody took away."""
    raise await on.stack.next_failure()
