from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.events import Change, EntityRef, Event
from starter.sources.no_event import Ignored, MalformedWebhookError
from starter.sources.pipedrive import normalise
from tests.unit.starter.payloads import DEAL, META, deal_change, note, webhook

ACTIVITY = {"id": 77, "subject": "Call Julien", "type": "call", "deal_id": 42, "done": False, "note": None}


def event(payload: Any) -> Event:
    result = normalise(payload)
    assert isinstance(result, Event), result
    return result


def test_a_deal_change_becomes_an_event() -> None:
    """Every field of the event comes from the payload, and from nowhere else."""
    assert event(deal_change(stage_id=2, value=48600)) == Event(
        id="5f1c2d9e-1111-4222-8333-444455556666",
        source="pipedrive",
        kind="deal.change",
        entity=EntityRef(kind="deal", id="42"),
        occurred_at=datetime(2026, 11, 17, 9, 12, 33, 120000, tzinfo=UTC),
        actor="pipedrive:user:11",
        tenant="pipedrive:company:7100042",
        summary='Deal 42 "Résidence Les Tilleuls" changed: stage_id 2 -> 3, value 48600 -> 52000',
        changes={"stage_id": Change(old=2, new=3), "value": Change(old=48600, new=52000)},
    )


@pytest.mark.parametrize(
    ("payload", "kind", "summary"),
    [
        (
            webhook(DEAL, None, action="create"),
            "deal.create",
            'Deal 42 "Résidence Les Tilleuls" created',
        ),
        (
            webhook(None, DEAL, action="delete"),
            "deal.delete",
            'Deal 42 "Résidence Les Tilleuls" deleted',
        ),
        (
            webhook(None, DEAL, action="delete", merged_to_id="43"),
            "deal.delete",
            'Deal 42 "Résidence Les Tilleuls" merged into 43',
        ),
        (
            note("<p>Ils veulent <b>64</b> radiateurs&nbsp;!</p>"),
            "note.create",
            "Note 301 created: Ils veulent 64 radiateurs !",
        ),
        (
            webhook(ACTIVITY | {"done": True}, {"done": False}, entity="activity", entity_id="77"),
            "activity.change",
            'Activity 77 "Call Julien" changed: done False -> True',
        ),
        (
            webhook(None, ACTIVITY, action="delete", entity="activity", entity_id=77),
            "activity.delete",
            'Activity 77 "Call Julien" deleted',
        ),
    ],
)
def test_whatever_concerns_a_deal_is_an_event_of_that_deal(payload: Any, kind: str, summary: str) -> None:
    """Deals, notes and activities, created, changed or deleted, all go to the deal's entity, in a plain line."""
    result = event(payload)
    assert (result.kind, str(result.entity), result.summary) == (kind, "deal:42", summary)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (note(deal_id=None, person_id=None), "note 301 belongs to no deal or lead"),
        (webhook({"id": 7}, {}, entity="filter", entity_id="7"), "'filter' is no object that is known here"),
        (webhook(DEAL, None, action="merged"), "deal.merged is nothing that version 2 knows"),
        (webhook(DEAL, {"stage_id": 2}, version="1.0"), "create the webhook with version 2.0"),
    ],
)
def test_what_concerns_no_deal_is_ignored_with_its_reason(payload: Any, reason: str) -> None:
    """A sound payload that isn't ours gives a reason and no error."""
    result = normalise(payload)
    assert isinstance(result, Ignored)
    assert reason in result.reason


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        ([], "payload"),
        (None, "payload"),
        ({"data": {}}, "meta"),
        ({"meta": "x"}, "meta"),
        ({"meta": {k: v for k, v in META.items() if k != "entity"}}, "meta.entity"),
        (webhook(DEAL, None, timestamp="yesterday"), "meta.timestamp"),
        ({"meta": META, "data": [1], "previous": None}, "data"),
        (note(deal_id=True), "deal_id"),
        (note(deal_id={"value": 42}), "deal_id"),
        (note(deal_id="42/run-7"), "deal_id"),
        (note(deal_id=-1), "deal_id"),
        (note(deal_id=4.2), "deal_id"),
        (note(deal_id="9" * 19), "deal_id"),
        (webhook(DEAL, None, entity_id="٤٢"), "meta.entity_id"),
    ],
)
def test_a_payload_of_another_shape_says_which_field_is_wrong(payload: Any, where: str) -> None:
    """Malformed input is an error that names the place."""
    with pytest.raises(MalformedWebhookError, match=rf"^{where}: "):
        normalise(payload)


def test_the_delivery_attempt_does_not_change_the_id_without_a_meta_id() -> None:
    """A re-delivery of a payload without an event id of its own is seen as the same event."""
    first = webhook(DEAL, {"stage_id": 2}, id=None, attempt=1)
    again = webhook(DEAL, {"stage_id": 2}, id=None, attempt=3)
    assert event(first).id == event(again).id
    assert event(first).id.startswith("sha256:")


def test_an_id_that_only_repeats_the_entitys_is_not_taken_for_the_events() -> None:
    """Two changes of one deal stay two events where `meta.id` is the deal's id."""
    one = webhook(DEAL, {"stage_id": 2}, id="42")
    other = webhook(DEAL, {"value": 1}, id="42")
    assert event(one).id != event(other).id


def test_custom_fields_are_compared_by_their_values() -> None:
    """A custom field's change stands beside the others, without the type tag."""
    key = "d4de1c1518b4531717c676029a45911c340390a6"
    data = DEAL | {"custom_fields": {key: {"type": "varchar", "value": "Lyon"}, "same": {"type": "int", "value": 1}}}
    previous = {"custom_fields": {key: {"type": "varchar", "value": "Paris"}, "same": {"type": "int", "value": 1}}}
    assert event(webhook(data, previous)).changes == {key: Change(old="Paris", new="Lyon")}


def test_bookkeeping_is_no_change() -> None:
    """`update_time` moves with every edit and tells nothing."""
    assert event(deal_change(update_time="2026-11-16T00:00:00Z", stage_id=2)).changes.keys() == {"stage_id"}


def test_long_texts_are_cut() -> None:
    """An event stays small however long a note is: agents read the rest from the CRM."""
    payload = webhook(
        {"id": 1, "deal_id": 42, "content": "x" * 100_000},
        {"content": "y" * 100_000},
        entity="note",
        entity_id="1",
    )
    result = event(payload)
    assert len(result.model_dump_json()) < 3000


def test_a_time_without_a_zone_is_utc() -> None:
    """Pipedrive's times are UTC; the ten-character timestamps of its documentation too."""
    assert event(webhook(DEAL, {"stage_id": 2}, timestamp=1763370753)).occurred_at.tzinfo is not None
    naive = event(webhook(DEAL, {"stage_id": 2}, timestamp="2026-11-17 09:12:33"))
    assert naive.occurred_at == datetime(2026, 11, 17, 9, 12, 33, tzinfo=UTC)
