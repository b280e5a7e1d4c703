"""The people of a drill: clients who write, a colleague who notes, an approver who clicks."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError

from contracts.agents import AgentSpec
from contracts.approvals import ApprovalRecord
from contracts.events import EntityRef
from contracts.names import entity_workflow_id, task_queue
from contracts.search_attributes import AGENT_NAME, ENTITY_ID
from contracts.workflows import EntityState
from ops.demo.play import APPROVER
from ops.drill import scenario
from ops.drill.stage import Stage
from ops.errors import FarmError
from store.approvals import Approvals
from store.tables import RunRow

EVERY_S = 0.5
THINKS_S = (0.5, 4.0)
"""How long an approver takes."""

CLICKS_AGAIN_S = 4.0
"""After a click that came to nothing."""

ROUND_WITHIN_S = 900.0


@dataclass
class Crowd:
    """What was done on which deal, and how far the runs are."""

    on: Stage
    rounds: Counter[int] = field(default_factory=Counter)
    """Deal -> rounds begun. A mail came in for each."""

    ended: Counter[str] = field(default_factory=Counter)
    """Entity -> runs that are done."""

    late: list[str] = field(default_factory=list)

    async def play(self, runs: int, at_once: int) -> None:
        """So many rounds, on deals of their own, at most so many at once. Returns when all have ended or are late."""
        watching = [asyncio.create_task(each) for each in (self._watch(), self._approve())]
        turn = asyncio.Semaphore(at_once)
        deals = -(-runs // scenario.ROUNDS)
        shares = [scenario.ROUNDS] * (runs // scenario.ROUNDS) + [1] * (runs % scenario.ROUNDS)
        try:
            await asyncio.gather(*(self._live(number, shares[number], turn) for number in range(deals)))
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _live(self, number: int, rounds: int, turn: asyncio.Semaphore) -> None:
        """One deal's life: opened, and one round after another, with the news of the next amid the end of the last."""
        async with turn:
            deal = int((await self.on.crm.do(scenario.deal(number)))["data"]["id"])
            await self._open(deal)
            for round_ in range(1, rounds + 1):
                self.rounds[deal] = round_
                await self.on.crm.do(scenario.mail(deal, round_))
                await self.on.crm.do(scenario.note(deal))
                if not await self._ends(deal, round_):
                    self.late.append(f"deal:{deal}, round {round_}: no end within {ROUND_WITHIN_S:.0f} s")
                    return

    async def _open(self, deal: int) -> None:
        """Whether or not Temporal is there at the moment."""
        while True:
            try:
                await open_entity(self.on.client, self.on.spec, EntityRef(kind="deal", id=str(deal)))
            except (RPCError, RuntimeError):  # Temporal is away: that may be the drill
                await asyncio.sleep(EVERY_S)
            else:
                return

    async def _ends(self, deal: int, round_: int) -> bool:
        deadline = time.monotonic() + ROUND_WITHIN_S
        while self.ended[f"deal:{deal}"] < round_ and time.monotonic() < deadline:  # noqa: ASYNC110  it is polled
            await asyncio.sleep(EVERY_S)
        return self.ended[f"deal:{deal}"] >= round_

    async def _watch(self) -> None:
        while True:
            try:
                async with self.on.db.reading() as session:
                    done = await session.scalars(select(RunRow.entity).where(RunRow.status == "done"))
                    self.ended = Counter(done)
                self.on.book.finished(self.ended.total())
            except SQLAlchemyError:  # the store is away: that may be the drill
                pass
            await asyncio.sleep(EVERY_S)

    async def _approve(self) -> None:
        """Answer every question by the button in Slack, after a while; again where a click came to nothing."""
        when: dict[str, float] = {}
        while True:
            try:
                waiting = await Approvals(self.on.db).pending()
                for each in waiting:
                    when.setdefault(each.request.id, time.monotonic() + random.uniform(*THINKS_S))  # noqa: S311
                await self._click([each for each in waiting if when[each.request.id] <= time.monotonic()], when)
            except (SQLAlchemyError, FarmError, httpx.HTTPError):
                pass  # whatever is away: people try again
            await asyncio.sleep(EVERY_S)

    async def _click(self, due: Sequence[ApprovalRecord], when: dict[str, float]) -> None:
        if not due:
            return
        posted = await self.on.slack.questions()
        for question in (each.request.id for each in due):
            if question in posted:
                when[question] = time.monotonic() + CLICKS_AGAIN_S
                await self.on.slack.click(posted[question], APPROVER, "farm.approve")


async def open_entity(client: Client, spec: AgentSpec, entity: EntityRef) -> None:
    """Start an entity's workflow as the starter would, but with a short window, and continued as new at each run."""
    found_by = [SearchAttributePair(AGENT_NAME, spec.name), SearchAttributePair(ENTITY_ID, str(entity))]
    await client.start_workflow(
        spec.entity_workflow,
        EntityState(agent=spec.name, entity=entity, debounce=scenario.QUICK, rotate_after=1),
        id=entity_workflow_id(spec.name, entity),
        task_queue=task_queue(spec.name),
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=TypedSearchAttributes(found_by),
    )
