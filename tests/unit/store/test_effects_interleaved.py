"""Any interleaving of attempts, crashes, late answers and people: an effect is done as often as people let it be.

The world is a counter. Workers come and go: each begins, may act, may die at any point, may be taken for dead and
speak up late. What the journal lets happen is compared with what a person has allowed.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from contracts.calls import ToolCall
from store.database import Database
from store.effects import Begun, Effects, Ending
from tests.unit.store.samples import tool_call, tool_reply

T = TypeVar("T")
KEY = "k"
NUMBER = st.integers(min_value=0, max_value=99)


@dataclass
class Worker:
    """One attempt, from its begin on. `sent`: its call went out. `did`: the world changed by it."""

    call: ToolCall
    begun: Begun
    sent: bool = False
    did: bool = False
    reported: bool = False


class Journal(RuleBasedStateMachine):
    """A server without a ledger, whose calls nothing but the journal and people keep from happening twice."""

    migrated: Path

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.happened = 0
        self.workers: list[Worker] = []

    @initialize()
    def first(self) -> None:
        file = shutil.copy(self.migrated, Path(self.folder.name) / "farm.db")
        self.db = Database(f"sqlite+aiosqlite:///{file}")
        self.effects = Effects(self.db)
        self.begin("")

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def one(self, which: int, state: str, *, sent: bool) -> Worker | None:
        """A worker that stands so; `which` chooses."""
        able = [each for each in self.workers if (each.begun.state, each.sent, each.reported) == (state, sent, False)]
        return able[which % len(able)] if able else None

    @rule(approval=st.sampled_from(["", "a1", "a2"]))
    def begin(self, approval: str) -> None:
        """A retry after whatever happened, or a person's "do it", delivered once or more often."""
        call = tool_call().model_copy(update={"again": approval})
        self.workers.append(Worker(call, self.wait(self.effects.begin(KEY, call))))

    @rule(which=NUMBER, reaches=st.sampled_from([True, True, False]))
    def act(self, which: int, reaches: bool) -> None:
        """The call goes out, and changes something or is refused. A worker that does nothing more has died."""
        if worker := self.one(which, "new", sent=False):
            worker.sent, worker.did = True, reaches
            self.happened += reaches

    @rule(which=NUMBER)
    def report(self, which: int) -> None:
        """At once or long after, when others have been at it."""
        if worker := self.one(which, "new", sent=True):
            ending = Ending("done") if worker.did else Ending("failed", attempt=worker.begun.attempt)
            self.wait(self.effects.settle(KEY, ending, tool_reply()))
            worker.reported = True

    @rule(which=NUMBER)
    def reconcile(self, which: int) -> None:
        """A worker that may not act asks the server, and hears the truth.

        Temporal has let it begin because the one before was taken for dead: what that one hadn't sent, it won't.
        """
        worker = self.one(which, "pending", sent=False)
        if worker is None:
            return
        if self.happened:
            self.wait(self.effects.settle(KEY, Ending("done", by="find_note"), tool_reply()))
        elif self.wait(self.effects.take_over(KEY, worker.begun.attempt)):
            self.workers = [each for each in self.workers if each.sent or each.begun.state != "new"]
            worker.begun = Begun("new", worker.begun.attempt)

    @rule(ending=st.sampled_from([Ending("in_doubt"), Ending("skipped", by="claire")]))
    def left(self, ending: Ending) -> None:
        """Nobody goes on trying, or a person leaves it so."""
        self.wait(self.effects.settle(KEY, ending, tool_reply(preview="left")))

    @invariant()
    def it_happened_as_often_as_people_let_it(self) -> None:
        """Once, and once more for each "do it" that was heard."""
        assert self.happened <= 1 + len({each.call.again for each in self.workers} - {""})

    def teardown(self) -> None:
        self.wait(self.db.close())
        self.loop.close()
        self.folder.cleanup()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_interleaving_does_an_effect_once_too_often(migrated_file: Path) -> None:
    """Whatever the order in which workers begin, act, die and speak, and people decide."""
    Journal.migrated = migrated_file
    run_state_machine_as_test(
        Journal,
        settings=settings(
            max_examples=100, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
