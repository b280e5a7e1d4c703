"""Which events a subscription takes, and which are urgent."""

import pytest

from contracts.agents import News, Share, Subscription
from contracts.events import Change, EntityRef, Event

DEALS = Subscription(source="pipedrive", kinds=("deal.*", "note.create"), entity="deal")
LOST = News(source="pipedrive", kinds=("deal.change",), entity="deal", changes={"status": "lost", "value": "*"})


def event(kind: str = "deal.change", source: str = "pipedrive", entity: str = "deal", **changes: object) -> Event:
    return Event(
        id="e1",
        source=source,
        kind=kind,
        entity=EntityRef(kind=entity, id="42"),
        occurred_at="2026-11-23T12:00:00Z",
        changes={field: Change(old=None, new=new) for field, new in changes.items()},
    )


@pytest.mark.parametrize("news", [event(), event("deal.delete"), event("note.create")])
def test_a_subscription_takes_what_fits_its_patterns(news):
    """Source, kind of entity, and one of its kinds of event."""
    assert DEALS.takes(news)


@pytest.mark.parametrize("news", [event("note.change"), event(source="slack"), event(entity="person")])
def test_a_subscription_takes_nothing_else(news):
    """Each of the three must fit."""
    assert not DEALS.takes(news)


def test_urgent_news_has_all_the_changes():
    """To the value that is asked for, as text; one that isn't there is no match."""
    assert LOST.takes(event(status="lost", value=100, title="x"))
    assert not LOST.takes(event(status="won", value=100))
    assert not LOST.takes(event(status="lost"))


def test_urgent_news_is_of_its_kind():
    """The same change of something else isn't meant."""
    assert not LOST.takes(event("note.change", status="lost", value=1))


def test_work_is_shared_by_entity_or_by_tenant():
    """By tenant where the agent says so and the event tells one; else each entity has its turn."""
    of_a_tenant = event().model_copy(update={"tenant": "pipedrive:company:7"})
    assert Share().key(of_a_tenant) == "deal:42"
    assert Share(by="tenant").key(of_a_tenant) == "pipedrive:company:7"
    assert Share(by="tenant").key(event()) == "deal:42"


@pytest.mark.parametrize("entity", ["x" * 200, "é" * 40])
def test_a_key_fits_what_temporal_takes(entity):
    """64 bytes, not characters; two long names are still two."""
    long, other = (event().model_copy(update={"tenant": entity + end}) for end in "ab")
    keys = {Share(by="tenant").key(each) for each in (long, other)}
    assert len(keys) == 2
    assert all(len(key.encode()) <= 64 for key in keys)
