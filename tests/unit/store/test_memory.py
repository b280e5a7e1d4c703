import asyncio
from datetime import datetime

import pytest

from store.database import Database
from store.errors import UnknownInsight
from store.memory import Fact, Memory
from tests.unit.store.samples import NOON, RUN, minutes

DEAL = "deal:42"
LATER = minutes(1000)


async def learn(
    db: Database,
    fact: str,
    *,
    at: datetime = NOON,
    subject: str = "decision maker",
    key: str = "",
    confidence: float = 0.8,
) -> str:
    facts = [Fact(subject=subject, fact=fact, confidence=confidence)]
    return (await Memory(db).remember(DEAL, facts, source_event="event-1", run=RUN, at=at, key=key))[0]


async def known(db: Database, as_of: datetime = LATER) -> list[str]:
    return [insight.fact for insight in await Memory(db).recall(DEAL, as_of=as_of)]


async def test_what_was_learnt_is_recalled_with_where_it_came_from(db: Database) -> None:
    """Source event, run, confidence and time."""
    learnt = await learn(db, "Julien signs", confidence=0.9)
    (insight,) = await Memory(db).recall(DEAL, as_of=NOON)
    assert (insight.id, insight.fact, insight.confidence) == (learnt, "Julien signs", 0.9)
    assert (insight.source_event, insight.run, insight.valid_from) == ("event-1", RUN, NOON)


async def test_entities_keep_their_memories_apart(db: Database) -> None:
    """What is known of one deal is not known of another."""
    await learn(db, "Julien signs")
    assert await Memory(db).recall("deal:7") == []


async def test_a_new_fact_supersedes_the_old_one(db: Database) -> None:
    """Now the new one is true; then the old one was."""
    await learn(db, "Julien signs", at=minutes(0))
    await learn(db, "his father signs", at=minutes(60))
    assert await known(db) == ["his father signs"]
    assert await known(db, as_of=minutes(30)) == ["Julien signs"]
    assert await known(db, as_of=minutes(-1)) == []


async def test_nothing_is_deleted(db: Database) -> None:
    """The history has both."""
    await learn(db, "Julien signs", at=minutes(0))
    await learn(db, "his father signs", at=minutes(60))
    assert [insight.fact for insight in await Memory(db).history(DEAL)] == ["Julien signs", "his father signs"]


async def test_the_same_fact_again_is_not_doubled(db: Database) -> None:
    """It gives the id of the one that is known, whoever learns it again."""
    ids = await asyncio.gather(*(learn(db, text) for text in ["Julien signs", "julien signs.", "Julien  signs"]))
    assert len(set(ids)) == 1
    assert len(await Memory(db).history(DEAL)) == 1


async def test_a_fact_that_is_true_again_is_a_new_one(db: Database) -> None:
    """There and back again is three facts in time."""
    for hour, fact in enumerate(["open", "closed", "open"]):
        await learn(db, fact, at=minutes(60 * hour), subject="budget")
    assert await known(db) == ["open"]
    assert len(await Memory(db).history(DEAL)) == 3


async def test_the_same_request_again_gives_the_same_ids(db: Database) -> None:
    """A retry after somebody else learnt better doesn't bring the old fact back."""
    first = await learn(db, "Julien signs", at=minutes(0), key="effect-1")
    await learn(db, "his father signs", at=minutes(60))
    assert await learn(db, "Julien signs", at=minutes(90), key="effect-1") == first
    assert await known(db) == ["his father signs"]


async def test_of_two_facts_on_one_subject_in_one_request_the_later_stands(db: Database) -> None:
    """They are learnt in the order given."""
    await Memory(db).remember(DEAL, [Fact(subject="budget", fact="40k"), Fact(subject="Budget", fact="48k")], at=NOON)
    assert await known(db) == ["48k"]


async def test_an_undone_fact_gives_way_to_the_one_before(db: Database) -> None:
    """As if it had never been learnt; the record stays."""
    await learn(db, "Julien signs", at=minutes(0))
    wrong = await learn(db, "the caretaker signs", at=minutes(60))
    await Memory(db).undo(wrong, at=minutes(90))
    assert await known(db) == ["Julien signs"]
    assert (await Memory(db).history(DEAL))[1].undone_at == minutes(90)


async def test_undoing_twice_keeps_the_first_time(db: Database) -> None:
    """Idempotent."""
    wrong = await learn(db, "the caretaker signs")
    await Memory(db).undo(wrong, at=minutes(1))
    await Memory(db).undo(wrong, at=minutes(2))
    assert (await Memory(db).history(DEAL))[0].undone_at == minutes(1)


async def test_an_undone_fact_can_be_learnt_again(db: Database) -> None:
    """When it was right after all."""
    await Memory(db).undo(await learn(db, "Julien signs", at=minutes(0)))
    await learn(db, "Julien signs", at=minutes(1))
    assert await known(db) == ["Julien signs"]


async def test_undoing_what_is_unknown_is_an_error(db: Database) -> None:
    """The error names the id."""
    with pytest.raises(UnknownInsight, match="'nope'"):
        await Memory(db).undo("nope")


async def test_facts_that_answer_the_question_come_first(db: Database) -> None:
    """The others follow: a badly put question hides nothing."""
    await learn(db, "48,600 EUR", at=minutes(0), subject="budget")
    await learn(db, "Julien signs", at=minutes(1))
    found = await Memory(db).recall(DEAL, "what is the budget?", as_of=minutes(2))
    assert [insight.subject for insight in found] == ["budget", "decision maker"]
