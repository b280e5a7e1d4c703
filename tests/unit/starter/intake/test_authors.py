from datetime import UTC, datetime

import httpx

from contracts.events import EntityRef, Event
from starter.intake.authors import Authors
from starter.metrics import Measures
from starter.sources.own_user import OwnUser
from starter.sources.traces import NONE
from tests.unit.starter.fakes import FakeDoor

OURS = Event(
    id="e1",
    source="pipedrive",
    kind="deal.change",
    entity=EntityRef(kind="deal", id="42"),
    occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
    actor="pipedrive:user:90",
)


def authors() -> Authors:
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": {"id": 90}}))
    return Authors(
        OwnUser(httpx.AsyncClient(base_url="http://crm", transport=answer), "token"),
        FakeDoor(),
        Measures(("pipedrive",)),
    )


async def test_what_a_person_hands_on_is_not_judged_again() -> None:
    """It has hops, so it was the farm's when it came first, and its agent asked for it: the actor says nothing new."""
    assert (await authors().of(OURS, NONE)).is_farms
    assert not (await authors().of(OURS.model_copy(update={"hop": 1}), NONE)).is_farms
