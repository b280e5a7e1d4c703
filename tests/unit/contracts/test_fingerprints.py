"""One write, seen from both sides: from what was sent, and from what the vendor reports."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fingerprints import Fingerprint, activity_created, normal
from contracts.marks import last_mark, mark


@pytest.mark.parametrize(
    ("sent", "reported"),
    [
        (48600.0, 48600),
        (48600, "48600"),
        ("48600.50", 48600.5),
        (0, "0.00"),
        (-0.0, 0),
        (True, 1),
        ("", None),
        ([], None),
        (None, ""),
        ("  Les Tilleuls \r\nBât. B ", "Les Tilleuls \nBât. B"),
        ("Résidence", "Re\u0301sidence"),
        ([5, 1], [1, 5]),
        ([5, 1], ["1", "5"]),
        ("2026-12-31T09:00:00Z", "2026-12-31 09:00:00"),
        ("2026-12-31T10:00:00+01:00", "2026-12-31T09:00:00.000Z"),
        (3, {"type": "enum", "id": 3}),
        (3, {"id": 3}),
        ([1, 2], {"type": "set", "values": [{"id": 2}, {"id": 1}]}),
        ("acier", {"type": "varchar", "value": "acier"}),
        ({"value": 5, "currency": "EUR"}, {"type": "monetary", "value": 5.0, "currency": "EUR"}),
        ({"value": "12 rue", "country": None}, {"value": "12 rue"}),
    ],
)
def test_two_forms_of_one_value_are_one(sent: Any, reported: Any) -> None:
    """What is sent and what a webhook says differ in form."""
    assert Fingerprint.of("deal:42", "x", sent) == Fingerprint.of("deal:42", "x", reported)


@pytest.mark.parametrize(
    ("sent", "other"),
    [
        (0, None),
        (False, None),
        (1, 10),
        (100, 1),
        ("0612345678", 612345678),
        ("a", "A"),
        ("a b", "ab"),
        ([1, 1], [1]),
        ("2026-12-31", "2026-12-31T00:00:00Z"),
        ("2026-12-31T09:00:00Z", "2026-12-31T09:00:01Z"),
        ({"value": 5, "currency": "EUR"}, 5),
        ({"value": 5, "currency": "EUR"}, {"value": 5, "currency": "USD"}),
        ("1e3", 1000),
        (float("inf"), None),
    ],
)
def test_two_values_are_two(sent: Any, other: Any) -> None:
    """In doubt they are: an agent that hears its own write once is better off than one that is deaf to a person's."""
    assert Fingerprint.of("deal:42", "x", sent) != Fingerprint.of("deal:42", "x", other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_every_value_has_a_form_and_its_form_is_its_own(value: Any) -> None:
    """Nothing that JSON can say fails, and a second time changes nothing but the tags."""
    form = normal(value)
    json.dumps(form)
    assert form != {}
    if not isinstance(value, list | dict):
        assert normal(form) == form


@given(JSON)
def test_a_webhooks_way_through_json_changes_nothing(value: Any) -> None:
    """It was sent, kept and reported as JSON."""
    there = json.loads(json.dumps(value))
    assert Fingerprint.of("deal:42", "x", there) == Fingerprint.of("deal:42", "x", value)


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_an_amount_is_one_however_it_is_written(amount: int, zeros: int) -> None:
    """As a number, with a point, as text with zeros behind it."""
    forms = [amount, float(amount), str(amount), f"{amount}.{'0' * zeros}" if zeros else str(amount)]
    assert len({Fingerprint.of("deal:42", "value", form) for form in forms}) == 1


def test_an_activity_is_known_by_what_it_is() -> None:
    """All that its webhook tells of it, and no more."""
    planned = {"subject": "Appeler", "type": "call", "due_date": "2026-12-01"}
    assert activity_created(42, planned | {"note": "x"}) == activity_created("42", planned | {"id": 7, "done": False})
    assert activity_created(42, planned) != activity_created(42, planned | {"type": "task"})
    assert activity_created(42, planned) != activity_created(43, planned)


def test_the_last_mark_is_the_writers_own() -> None:
    """A text may quote another of ours; its own stands at the end."""
    assert last_mark(f"<p>Cf. {mark('old')}</p> vu<br>{mark('new')}") == mark("new")
    assert last_mark("no mark [farmstead]") == ""
