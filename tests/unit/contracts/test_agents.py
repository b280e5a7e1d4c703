"""Which events a subscription takes, and which are urgent."""

import pytest

from contracts.agents import News, Subscription
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
