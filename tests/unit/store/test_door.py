from store.database import Database
from store.door import Door
from store.receipts import Receipts
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


async def test_an_event_let_in_has_an_entry_and_a_receipt_for_each_agent(db: Database) -> None:
    """In one go: by the receipt a re-delivery is told."""
    await Door(db).let_in(event("in"), {"sales": "sales:deal:42", "other": "other:deal:42"}, minutes(1))
    await Door(db).record(event("out"), "ignored", at=minutes(1))
    entries = await Door(db).of_entity("deal:42")
    assert [(entry.outcome, entry.agent) for entry in entries][:2] == [("accepted", "sales"), ("accepted", "other")]
    assert await Receipts(db).agents("pipedrive", "in") == {"sales", "other"}
    assert await Receipts(db).agents("pipedrive", "out") == set()
    assert await Receipts(db).agents("slack", "in") == set()
