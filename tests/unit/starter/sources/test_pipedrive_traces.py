from typing import Any

import pytest

from contracts.fingerprints import Fingerprint, activity_created, note_created
from contracts.marks import mark
from starter.sources.catalogue import catalogue
from starter.sources.pipedrive_traces import traces
from starter.sources.reading import read_traces
from starter.sources.traces import NONE
from tests.unit.starter.payloads import DEAL, deal_change, note, webhook

ACTIVITY = {"id": 77, "subject": "Call Julien", "type": "call", "due_date": "2026-12-01", "deal_id": 42}


def test_a_change_shows_each_field_that_moved() -> None:
    """With its value of now; what didn't move, and the CRM's own bookkeeping, is no part of it."""
    shown = traces(deal_change(stage_id=2, value=48600, title=DEAL["title"], update_time="2026-11-17T09:00:00Z"))
    assert (shown.about, sorted(shown.fields)) == ("deal:42", ["stage_id", "value"])
    assert [each.print for each in shown.traces] == [
        Fingerprint.of("deal:42", "stage_id", 3),
        Fingerprint.of("deal:42", "value", 52000),
    ]


def test_what_the_crm_moves_with_a_field_is_explained_by_it() -> None:
    """A stage takes the time of its change with it: nobody wrote that."""
    shown = traces(deal_change(stage_id=2, stage_change_time="2026-11-01T00:00:00Z"))
    (stage,) = [each for each in shown.traces if each.print.name == "stage_id"]
    assert shown.fields <= stage.explains


def test_a_custom_field_goes_by_its_key() -> None:
    """As the API takes it, without the webhook's tag."""
    key = "d4de1c1518b4531717c676029a45911c340390a6"
    now = DEAL | {"custom_fields": {key: {"type": "enum", "id": 7}}}
    shown = traces(webhook(now, {"custom_fields": {key: {"type": "enum", "id": 3}}}))
    assert [each.print for each in shown.traces] == [Fingerprint.of("deal:42", key, 7)]


def test_a_long_text_is_compared_whole() -> None:
    """Of an event's own changes the ends are cut off."""
    now, other = DEAL | {"lost_reason": "x" * 900}, DEAL | {"lost_reason": "x" * 899 + "y"}
    assert traces(webhook(now, {"lost_reason": None})).traces != traces(webhook(other, {"lost_reason": None})).traces


def test_a_new_note_is_known_by_the_mark_in_it() -> None:
    """One without is a person's."""
    (shown,) = traces(note(f"Vu<br>{mark('k1')}")).traces
    assert shown.print == note_created(42, mark("k1"))
    assert traces(note("Vu")) == NONE


def test_a_new_activity_is_known_by_what_it_is() -> None:
    """Its webhook tells no note, where the mark is."""
    (shown,) = traces(webhook(ACTIVITY, None, action="create", entity="activity", entity_id="77")).traces
    assert shown.print == activity_created(42, ACTIVITY)


@pytest.mark.parametrize(
    "payload",
    [
        webhook(None, DEAL, action="delete"),
        webhook(DEAL, None, action="create"),
        note(f"Vu {mark('k1')}", deal_id=None),
        webhook(DEAL, {"update_time": "2026-11-17T09:00:00Z"}),
    ],
)
def test_what_no_tool_of_ours_does_shows_nothing(payload: Any) -> None:
    """It is a stranger's."""
    assert traces(payload).traces == ()


def test_what_cannot_be_looked_into_is_a_strangers(caplog: pytest.LogCaptureFixture) -> None:
    """The event itself could be read; its text isn't in the log."""
    assert read_traces(catalogue(), "pipedrive", {"meta": {"version": "secret"}}) == NONE
    assert read_traces(catalogue(), "billing", {"any": "thing"}) == NONE
    assert "ValidationError" in caplog.text
    assert "secret" not in caplog.text
