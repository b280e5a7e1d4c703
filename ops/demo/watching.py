"""Waiting for the farm, by its own records."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from contracts.approvals import ApprovalRecord
from contracts.calls import RunRecord
from ops.errors import FarmError
from store.approvals import Approvals
from store.database import Database
from store.door import Door, DoorEntry
from store.model_calls import ModelCalls
from store.runs import Runs

T = TypeVar("T")

EVERY = 0.3
A_MICRODOLLAR = 1e-6
ENDED = ("done", "skipped", "failed")


async def until(what: str, seconds: float, look: Callable[[], Awaitable[T | None]]) -> T:
    """The first answer of `look` that isn't None. FarmError that names what was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(EVERY)
    raise FarmError(f"waited {seconds:.0f} s for {what}, in vain")


class Records:
    """The questions that the demo asks the store."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._runs, self._approvals, self._door = Runs(db), Approvals(db), Door(db)
        self._ledger = ModelCalls(db)

    async def first_run(self, entity: str) -> RunRecord | None:
        found = await self._runs.of_entity(entity)
        return found[-1] if found else None

    async def ended(self, run: str) -> RunRecord | None:
        found = await self._runs.get(run)
        return found if found and found.status in ENDED else None

    async def all_runs(self) -> Sequence[RunRecord]:
        return await self._runs.latest(limit=1000)

    async def settled(self, entities: Sequence[str]) -> bool | None:
        """Whether each of these entities has a run that ended."""
        for entity in entities:
            first = await self.first_run(entity)
            if first is None or first.status not in ENDED:
                return None
        return True

    async def learnt(self, run: str) -> bool | None:
        """Whether what nobody waited for is done: the run's record has caught up with the ledger."""
        record, used = await self._runs.get(run), await self._ledger.used(run)
        thought = {call.role for call in await self._ledger.of_run(run)}
        counted = record is not None and abs(record.cost_usd - used.cost_usd) < A_MICRODOLLAR
        return (counted and "insight" in thought) or None

    async def open_question(self, run: str) -> ApprovalRecord | None:
        return next((each for each in await self._approvals.of_run(run) if each.status == "pending"), None)

    async def questions(self, run: str) -> Sequence[ApprovalRecord]:
        return await self._approvals.of_run(run)

    async def at_the_door(self, entities: Sequence[str]) -> list[DoorEntry]:
        return [entry for entity in entities for entry in await self._door.of_entity(entity)]
