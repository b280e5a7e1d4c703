"""Whatever the order of asking, leaving, submitting, dying, looking and answering: one request is paid once."""

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from contracts.calls import ModelReply
from store.blobs import Blobs
from store.database import Database
from tests.unit.activities.batch_vendor import BatchVendor, Killed, Mood
from tests.unit.activities.test_batch import SCHEMA, Desk

RUNS = (1, 2, 3)
EXPIRED = {"type": "expired"}

MOODS = st.sampled_from(["well", "unheard", "killed", "late", "busy", "away", "refusing"])
STEP = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(RUNS)),
    st.tuples(st.just("go alone"), st.sampled_from(RUNS)),
    st.tuples(st.just("stop"), st.sampled_from(RUNS)),
    st.tuples(st.just("submit"), st.integers(1, 3), MOODS),
    st.tuples(st.just("submit again"), st.integers(1, 3), MOODS),
    st.tuples(st.just("collect"), st.integers(1, 3), MOODS),
    st.tuples(st.just("pass"), st.sampled_from([1, 4, 30, 70, 600, 1500])),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=16), expired=st.sets(st.sampled_from(RUNS)))
@example(
    steps=[("ask", 1), ("submit", 1, "killed"), ("pass", 4), ("submit again", 1, "well"), ("go alone", 1)],
    expired=set(),
)
@example(
    steps=[
        ("ask", 1),
        ("submit", 1, "late"),
        ("pass", 30),
        ("collect", 1, "well"),
        ("pass", 70),
        ("collect", 1, "well"),
    ],
    expired=set(),
)
@example(steps=[("ask", 1), ("submit", 1, "late"), ("pass", 1), ("collect", 1, "well")], expired=set())
def test_whatever_happens_a_request_is_paid_once(
    migrated: Path, tmp_path: Path, steps: list[tuple], expired: set[int]
) -> None:
    """And whoever still wants an answer gets it: one row in the ledger, and every payment has its row."""
    file = shutil.copy(migrated, tmp_path / "farm.db")
    for beside in tmp_path.glob("farm.db-*"):
        beside.unlink()
    asyncio.run(_once(f"sqlite+aiosqlite:///{file}", steps, expired))


async def _once(url: str, steps: list[tuple], expired: set[int]) -> None:
    db, vendor = Database(url), BatchVendor()
    vendor.fates = {f"news {number}": EXPIRED for number in expired}
    desk = Desk(db, ActivityEnvironment(), vendor)
    desk.prompt, desk.schema = await Blobs(db).put("You learn."), await Blobs(db).put(SCHEMA)
    try:
        life = Life(desk, vendor)
        for step in steps:
            await life.goes(*step)
        await life.comes_to_an_end()
        vendor.end_all()
        for number in life.asked:
            rows = len(await desk.ledger(number))
            assert vendor.paid[f"news {number}"] == rows <= 1
            assert rows == 1 or number in life.stopped
    finally:
        await db.close()


class Life:
    """What runs, a collector and its workers do. A worker that is killed is followed by another."""

    def __init__(self, desk: Desk, vendor: BatchVendor) -> None:
        self.desk, self.vendor = desk, vendor
        self.asked: set[int] = set()
        self.stopped: set[int] = set()
        self.tokens: set[int] = set()

    async def goes(self, what: str, which: int, mood: Mood = "well") -> None:
        self.vendor.mood = mood
        match what:
            case "ask" if which not in self.stopped:
                self.asked.add(which)
                await self.desk.ask(which)
            case "go alone" if which in self.asked - self.stopped:
                await self.alone(which)
            case "stop" if which in self.asked:
                self.stopped.add(which)
                await self.desk.leave(which, for_good=True)
            case "submit" | "submit again":
                self.tokens.add(which)
                await self.tried(self.desk.submit(token=f"t{which}"))
            case "collect" if which in self.tokens:
                await self.tried(self.desk.collect(f"t{which}"))
            case "pass":
                self.vendor.pass_time(minutes=which)

    async def alone(self, number: int) -> ModelReply | None:
        """A run makes its call by itself only where its request is settled."""
        if (await self.desk.leave(number)).state == "settled":
            reply: ModelReply = await self.desk.single(number)
            return reply
        return None

    async def comes_to_an_end(self) -> None:
        """All is well from here on: a collector looks after every batch, and each run gets its answer."""
        self.vendor.mood = "well"
        for _ in range(4):
            self.vendor.pass_time(hours=9)
            for token in self.tokens:
                await self.desk.collect(f"t{token}")
        for number in self.asked - self.stopped:
            assert await self.alone(number) is not None

    async def tried(self, work) -> None:
        with suppress(ApplicationError, Killed):
            await work
