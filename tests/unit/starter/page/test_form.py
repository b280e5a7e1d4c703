"""Arguments as a form's inputs, and back."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from starter.page.form import Faulty, arguments_of, inputs, typed

TEXT = st.text('aé \n\r"{[<,.-1')
"""Few letters: those that a form or JSON could trip over."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "to": {"type": "string"},
        "body": {"type": "string", "maxLength": 5000, "description": "The mail's text"},
        "amount": {"type": "number"},
        "count": {"type": "integer"},
        "urgent": {"type": "boolean"},
        "stage": {"enum": ["won", "lost", 3]},
        "kind": {"$ref": "#/$defs/Kind"},
        "when": {"type": "string", "format": "date"},
        "cc": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["to", "body"],
    "$defs": {"Kind": {"enum": ["call", "visit"]}},
}


def kinds(schema: Any, arguments: dict[str, Any]) -> dict[str, str]:
    return {each.name: each.kind for each in inputs(schema, arguments)}


def sent(arguments: dict[str, Any], schema: Any = SCHEMA, **changed: str) -> dict[str, Any]:
    """What comes back where somebody changes these inputs, through a browser, which has line ends of its own."""
    shown = inputs(schema, arguments)
    form = {each.field: re.sub(r"\r\n?|\n", "\r\n", changed.get(each.name, each.value)) for each in shown}
    return arguments_of(typed(shown, form))


def test_each_argument_has_the_input_that_fits() -> None:
    """By its schema, also by reference and where it may be null."""
    assert kinds(SCHEMA, {"to": "a", "body": "b"}) == {
        "to": "text",
        "body": "long",
        "amount": "number",
        "count": "number",
        "urgent": "choice",
        "stage": "choice",
        "kind": "choice",
        "when": "date",
        "cc": "text",
        "tags": "json",
    }


def test_without_a_schema_it_goes_by_what_is_there() -> None:
    """The farm's own questions have none."""
    assert kinds(None, {"usd": 5, "note": "a\nb", "to": "x", "deep": {"a": 1}, "sure": True}) == {
        "usd": "number",
        "note": "long",
        "to": "text",
        "deep": "json",
        "sure": "json",
    }


def test_a_value_of_another_type_than_its_schemas_is_edited_as_json() -> None:
    """Nothing that was proposed is hidden or changed by being shown."""
    assert kinds(SCHEMA, {"to": ["a"], "amount": "much"}) | {"to": "json", "amount": "json"} == kinds(
        SCHEMA, {"to": ["a"], "amount": "much"}
    )
    assert sent({"to": ["a"], "amount": "much", "body": "b"}) == {"to": ["a"], "amount": "much", "body": "b"}


@given(
    st.dictionaries(
        st.sampled_from([*SCHEMA["properties"], "beyond"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
            max_leaves=5,
        ),
    )
)
@example({"to": "\r\n"})
def test_what_nobody_touches_comes_back_as_it_was(arguments: dict[str, Any]) -> None:
    """Whatever it is."""
    assert sent(arguments) == arguments


def test_what_is_typed_has_its_type() -> None:
    """Numbers, also with a comma, choices, lists; lines end as they do elsewhere."""
    changed = {
        "body": "one\ntwo",
        "amount": "12,5",
        "count": "3",
        "urgent": "true",
        "stage": "3",
        "kind": '"visit"',
        "when": "2026-12-01",
        "cc": "c@b.example",
        "tags": '["a", "b"]',
    }
    assert sent({"to": "a", "body": "b"}, **changed) == {
        "to": "a",
        "body": "one\ntwo",
        "amount": 12.5,
        "count": 3,
        "urgent": True,
        "stage": 3,
        "kind": "visit",
        "when": "2026-12-01",
        "cc": "c@b.example",
        "tags": ["a", "b"],
    }


def test_what_is_emptied_is_left_out_where_it_may_be() -> None:
    """A text that was there stays one, an empty one."""
    assert sent({"to": "a", "body": "b", "amount": 3, "cc": "x"}, to="", amount="", cc="") == {"to": "", "body": "b"}


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("amount", "much", "much is no number"),
        ("amount", "inf", "inf is no number"),
        ("amount", "nan", "nan is no number"),
        ("count", "1.5", "1.5 is no whole number"),
        ("tags", "[", "this is no JSON"),
        ("tags", "[" * 100_000, "this is no JSON"),
        ("tags", "[NaN]", "this is no JSON"),
        ("stage", "won", "this is no JSON"),
    ],
)
def test_what_cant_be_read_is_said_of_its_argument(name: str, text: str, fault: str) -> None:
    """In words, beside the input."""
    with pytest.raises(Faulty) as refused:
        sent({"to": "a", "body": "b"}, **{name: text})
    assert list(refused.value.faults) == [name]
    assert refused.value.faults[name].startswith(fault)
