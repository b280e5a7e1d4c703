"""An agent is moved to another vendor's models by one line, while a run of it is in flight."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.approvals import ApprovalRecord
from contracts.calls import RunRecord
from contracts.events import EntityRef
from gateway.models.roles import read
from ops.demo.play import APPROVER
from ops.demo.watching import until
from ops.drill import scenario
from ops.drill.conduct import Order, beside
from ops.drill.crowd import open_entity
from ops.drill.stage import wipe
from ops.drill.swap.stage import SwapStage, command, plan, stage
from ops.drill.swap.verdict import SwapVerdict, complaints, seen
from store.model_calls import ModelCalls

WANTED = "other-vendor"
"""The environment of models.toml whose models the roles are given to."""

BY = "the drill"
MOVES_WITHIN_S = 180.0


async def swap_model(order: Order) -> SwapVerdict:
    """A run that waits for a person, the line, a run that begins after it; then the first one goes on."""
    begun = time.monotonic()
    whole = plan(order.offset, order.settings)
    wipe(whole.instance)
    async with stage(whole, order.to) as on:
        found: list[SwapVerdict] = []
        await beside(_play(on, order.drill, begun, found), _watch(on))
        return found[0]


async def _play(on: SwapStage, drill: str, begun: float, found: list[SwapVerdict]) -> None:
    models = read()
    before, wanted = models.cast(""), models.cast(WANTED)
    staying = await _asks(on, await _news(on, 0))
    on.to.print(f"[bold]{staying}[/] waits for a person; now ./farm {' '.join(command(wanted))}")
    clock = await _swapped(on, wanted)
    stayed = await _finish(on, staying)
    await asyncio.gather(_learnt(on, clock.moved.run), _learnt(on, staying))
    ledger = ModelCalls(on.records.db)
    of_stayed = await ledger.of_run(staying)
    one = seen(clock.moved.run, clock.moved.status, await ledger.of_run(clock.moved.run))
    other = seen(staying, stayed.status, of_stayed)
    after = sum(call.at >= clock.typed_at for call in of_stayed)
    wrong = [*complaints(one, other, wanted, before, clock.done_s)]
    wrong += [] if after else [f"{staying} asked no model after the line: that it stayed is not proved"]
    found.append(
        SwapVerdict(
            drill=drill,
            command=f"./farm {' '.join(command(wanted))}",
            set_s=round(clock.set_s, 2),
            first_answer_s=round(clock.first_answer_s, 2),
            done_s=round(clock.done_s, 2),
            moved=one,
            stayed=other,
            stayed_calls_after=after,
            took_s=round(time.monotonic() - begun, 1),
            wrong=tuple(wrong),
        )
    )


@dataclass(frozen=True)
class _Swapped:
    """Seconds since the line was typed; and the run that began after it, at its end."""

    typed_at: datetime
    set_s: float
    first_answer_s: float
    done_s: float
    moved: RunRecord


async def _swapped(on: SwapStage, wanted: Mapping[str, str]) -> _Swapped:
    typed_at, typed = datetime.now(UTC), time.monotonic()
    await on.farm(*command(wanted), "--by", BY)
    set_s = time.monotonic() - typed
    entity = await _news(on, 1)
    moving = (await until("the next run", MOVES_WITHIN_S, lambda: on.records.first_run(entity))).run
    await until("its first answer", MOVES_WITHIN_S, lambda: _answered(on, moving))
    first_answer_s = time.monotonic() - typed
    moved = await _finish(on, await _asks(on, entity))
    return _Swapped(typed_at, set_s, first_answer_s, time.monotonic() - typed, moved)


async def _news(on: SwapStage, number: int) -> str:
    """A deal of the drill's own, on which a client writes."""
    deal = int((await on.crm.do(scenario.deal(number)))["data"]["id"])
    entity = EntityRef(kind="deal", id=str(deal))
    await open_entity(on.client, on.spec, entity)
    await on.crm.do(scenario.mail(deal, 1))
    return str(entity)


async def _asks(on: SwapStage, entity: str) -> str:
    """The entity's run, once it asks a person."""
    run = (await until(f"a run of {entity}", MOVES_WITHIN_S, lambda: on.records.first_run(entity))).run
    await until(f"{run} to ask", MOVES_WITHIN_S, lambda: on.records.open_question(run))
    return run


async def _answered(on: SwapStage, run: str) -> bool | None:
    return bool(await ModelCalls(on.records.db).of_run(run)) or None


async def _finish(on: SwapStage, run: str) -> RunRecord:
    """Say yes in Slack, as often as it asks, and see it end."""
    while True:
        found: ApprovalRecord | RunRecord = await until(
            f"{run} to ask or to end", MOVES_WITHIN_S, lambda: _asks_or_ended(on, run)
        )
        if isinstance(found, RunRecord):
            return found
        await _approve(on, run, found.request.id)


async def _approve(on: SwapStage, run: str, question: str) -> None:
    ts = await until("the question in Slack", MOVES_WITHIN_S, lambda: _posted(on, question))
    await on.slack.click(ts, APPROVER, "farm.approve")
    await until("the decision", MOVES_WITHIN_S, lambda: _settled(on, run, question))


async def _learnt(on: SwapStage, run: str) -> None:
    """The last role thinks when its run has ended."""
    await until(f"what {run} learnt", MOVES_WITHIN_S, lambda: on.records.learnt(run))


async def _asks_or_ended(on: SwapStage, run: str) -> ApprovalRecord | RunRecord | None:
    return await on.records.open_question(run) or await on.records.ended(run)


async def _posted(on: SwapStage, question: str) -> str | None:
    return await on.slack.question(question) or None


async def _settled(on: SwapStage, run: str, question: str) -> bool | None:
    still_open = await on.records.open_question(run)
    return None if still_open and still_open.request.id == question else True


async def _watch(on: SwapStage) -> None:
    """Raises where a part ends that nobody took away."""
    raise await on.stack.next_failure()
