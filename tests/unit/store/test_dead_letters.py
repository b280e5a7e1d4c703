"""The events of runs that were given up for good."""

from collections.abc import Sequence

from contracts.calls import DEAD_LETTER
from store.database import Database
from store.dead_letters import DeadLetters
from store.runs import Runs
from tests.unit.store.samples import NOON, RUN, minutes, run_record

OTHER = "tender:offer:7/run-1"
EVENTS = ({"id": "e1"}, {"id": "e2"})


async def give_up(db: Database, run: str = RUN, agent: str = "sales", at: int = 0) -> None:
    told = {"agent": agent, "status": "failed", "reason": "no key", "events": EVENTS, "at": minutes(at)}
    await Runs(db).record(run_record(run, phase=DEAD_LETTER, **told))


def runs(letters: Sequence) -> list[str]:
    return [each.run for each in letters]


async def test_a_run_that_is_given_up_leaves_a_dead_letter(db: Database) -> None:
    """With its events and the reason; one that is tried again leaves none."""
    await Runs(db).record(run_record(OTHER, status="failed", phase="failed", events=EVENTS))
    await give_up(db)
    (letter,) = await DeadLetters(db).waiting()
    assert (letter.run, letter.events, letter.reason, letter.at) == (RUN, EVENTS, "no key", NOON)


async def test_a_record_that_comes_again_changes_nothing(db: Database) -> None:
    """A retried write doesn't bring a settled letter back."""
    await give_up(db)
    assert await DeadLetters(db).settle(RUN, "dropped", "claire")
    await give_up(db)
    letter = await DeadLetters(db).get(RUN)
    assert letter is not None
    assert (letter.state, letter.by) == ("dropped", "claire")
    assert letter.settled_at is not None


async def test_a_letter_is_settled_once(db: Database) -> None:
    """Whoever comes second is told so, and the first one's name stands."""
    await give_up(db)
    assert await DeadLetters(db).settle(RUN, "redriven", "claire")
    assert not await DeadLetters(db).settle(RUN, "dropped", "tom")
    assert not await DeadLetters(db).settle("nobody/run-1", "dropped", "tom")
    letter = await DeadLetters(db).get(RUN)
    assert letter is not None
    assert (letter.state, letter.by) == ("redriven", "claire")


async def test_what_waits_is_listed_oldest_first(db: Database) -> None:
    """Of one agent or of all; the settled ones where they are asked for."""
    await give_up(db, "sales:deal:9/run-4", at=9)
    await give_up(db, OTHER, agent="tender", at=5)
    await give_up(db)
    await DeadLetters(db).settle(RUN, "dropped", "claire")
    letters = DeadLetters(db)
    assert runs(await letters.waiting()) == [OTHER, "sales:deal:9/run-4"]
    assert runs(await letters.waiting("sales")) == ["sales:deal:9/run-4"]
    assert runs(await letters.all("sales")) == [RUN, "sales:deal:9/run-4"]
