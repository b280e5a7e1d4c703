"""Documents that fit a schema."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from sandbox.model.rules.schema import fit, smallest


class Part(BaseModel):
    name: str = Field(min_length=2)
    size: int = Field(ge=3)


class Whole(BaseModel):
    colour: Literal["red", "blue"]
    parts: list[Part] = Field(min_length=1)
    first: Part
    note: str | None
    on: bool
    tags: list[str] = ["a"]


def test_the_smallest_document_validates():
    """What is made up from a schema passes the type that the schema came from."""
    Whole.model_validate(smallest(Whole.model_json_schema()))


def test_a_document_is_cut_to_the_schema():
    """Unknown keys go, long strings are cut, missing ones are filled in."""
    schema = {
        "properties": {"a": {"type": "string", "maxLength": 3}, "b": {"type": "integer", "minimum": 1}},
        "required": ["a", "b"],
    }
    assert fit({"a": "abcdef", "c": 1}, schema) == {"a": "abc", "b": 1}


def test_items_are_cut_through_references():
    """A list of referenced objects is cut item by item."""
    schema = {
        "$defs": {"F": {"properties": {"s": {"type": "string", "maxLength": 1}}}},
        "properties": {"fs": {"type": "array", "maxItems": 1, "items": {"$ref": "#/$defs/F"}}},
    }
    assert fit({"fs": [{"s": "ab", "x": 0}, {"s": "c"}]}, schema) == {"fs": [{"s": "a"}]}


@pytest.mark.parametrize(
    ("schema", "value"), [({"const": 4}, 4), ({"type": "null"}, None), ({"anyOf": [{"type": "boolean"}]}, False)]
)
def test_small_values(schema, value):
    """Constants, nulls and alternatives have their obvious smallest value."""
    assert smallest(schema) == value
