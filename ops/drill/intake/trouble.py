"""What is done to the intake while webhooks come in: Temporal is away for a while, and the starter is killed."""

import asyncio
import time
from dataclasses import dataclass

from ops.drill.intake.stage import IntakeStage
from ops.drill.intake.vendor import Vendor
from store.inbox import Inbox

STARTER, TEMPORAL = "starter", "temporal"
FIRST_KILL, OUTAGE = 0.12, 0.25
"""The share of the letters that are answered by then."""

LOOK_S = 0.1
APART_S = 1.5
"""Between two kills while the spool is emptied, and from Temporal's return to the first."""


@dataclass(frozen=True)
class Kills:
    """How many die when: as all is well, while Temporal is away, as the spool is emptied."""

    before: int
    amid: int
    after: int

    @classmethod
    def of(cls, kills: int) -> "Kills":
        """Shared out, the worst moments first."""
        return cls(before=kills // 3, amid=(kills + 2) // 3, after=(kills + 1) // 3)


@dataclass(frozen=True)
class Trouble:
    """What was done, as it was."""

    kills: int
    outage_s: float
    drain_s: float


async def trouble(on: IntakeStage, vendor: Vendor, letters: int, kills: Kills, outage_s: float) -> Trouble:
    """All of it, until the spool is empty again."""
    await _answered(vendor, FIRST_KILL * letters)
    for _ in range(kills.before):
        await _kill(on, "all is well")
    await _answered(vendor, OUTAGE * letters)
    gone = time.monotonic()
    await on.stack.take_away(TEMPORAL)
    on.to.print(f"Temporal is away, after {len(vendor.posted)} answers ...", style="yellow")
    for number in range(1, kills.amid + 1):
        await _until(gone + number * outage_s / (kills.amid + 1))
        await _kill(on, "Temporal is away")
    await _until(gone + outage_s)
    await on.stack.bring_back(TEMPORAL)
    back = time.monotonic()
    on.to.print(f"Temporal is back after {back - gone:.0f} s, {len(vendor.posted)} answers.", style="yellow")
    for _ in range(kills.after):
        await asyncio.sleep(APART_S)
        await _kill(on, f"{(await Inbox(on.db).waiting()).rows} events wait in the spool")
    await _drained(on)
    return Trouble(kills.before + kills.amid + kills.after, round(back - gone, 1), round(time.monotonic() - back, 1))


async def _kill(on: IntakeStage, when: str) -> None:
    await on.stack.take_away(STARTER)
    on.to.print(f"starter killed: {when}", style="yellow")
    await on.stack.bring_back(STARTER)


async def _answered(vendor: Vendor, letters: float) -> None:
    while len(vendor.posted) < letters:  # noqa: ASYNC110  the list has no event of its own
        await asyncio.sleep(LOOK_S)


async def _until(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0))


async def _drained(on: IntakeStage) -> None:
    while (await Inbox(on.db).waiting()).rows:  # noqa: ASYNC110  another process empties it
        await asyncio.sleep(LOOK_S)
