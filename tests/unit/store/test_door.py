from store.database import Database
from store.door import Door
from tests.unit.store.samples import event, minutes


async def test_what_came_in_is_on_record_with_what_became_of_it(db: Database) -> None:
    """Who it was for, and why not where it was ignored."""
    await Door(db).record(event(), "accepted", agent="sales", workflow_id="sales:deal:42", at=minutes(1))
    await Door(db).record(event("event-2"), "ignored", reason="our own write", at=minutes(2))
    entries = await Door(db).of_entity("deal:42")
    assert [(entry.event.id, entry.outcome, entry.reason, entry.workflow_id) for entry in entries] == [
        ("event-1", "accepted", "", "sales:deal:42"),
        ("event-2", "ignored", "our own write", ""),
    ]


async def test_a_redelivery_is_an_entry_of_its_own(db: Database) -> None:
    """The book tells how often the source tried."""
    for outcome in ("accepted", "duplicate", "duplicate"):
        await Door(db).record(event(), outcome, at=minutes(1))
    assert await Door(db).counts(minutes(0)) == {"accepted": 1, "duplicate": 2}


async def test_counts_begin_where_asked(db: Database) -> None:
    """What came before isn't counted."""
    await Door(db).record(event(), "accepted", at=minutes(1))
    assert await Door(db).counts(minutes(2)) == {}


async def test_an_event_let_in_before_is_known(db: Database) -> None:
    """By its source's own id; one that was ignored was not let in."""
    await Door(db).record(event("in"), "accepted", at=minutes(1))
    await Door(db).record(event("out"), "ignored", at=minutes(1))
    assert await Door(db).accepted("pipedrive", "in")
    assert not await Door(db).accepted("pipedrive", "out")
    assert not await Door(db).accepted("slack", "in")
