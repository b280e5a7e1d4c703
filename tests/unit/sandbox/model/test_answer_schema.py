"""Schemas that the vendor would refuse."""

import anthropic
import pytest
from pydantic import BaseModel, Field

from sandbox.model.answer_schema import refuse_unsupported
from sandbox.model.errors import VendorError


class Fact(BaseModel):
    text: str = Field(max_length=10)
    weight: float = Field(ge=0)


class Facts(BaseModel):
    facts: list[Fact] = Field(max_length=3)


def test_the_sdks_own_transform_is_accepted():
    """A schema that went through the SDK is one that the vendor takes."""
    refuse_unsupported(anthropic.transform_schema(Facts))


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (Facts.model_json_schema(), "additionalProperties"),
        ({"type": "string", "maxLength": 3}, "'maxLength' is not supported"),
        ({"type": "array", "minItems": 2}, "'minItems' values other than 0 or 1"),
        ({"anyOf": [{"type": "number", "minimum": 0}]}, r"schema\.anyOf\.0: .*'minimum'"),
        ({"items": {"type": "string", "minLength": 1}}, r"schema\.items: .*'minLength'"),
        ({"$defs": {"F": {"type": "object"}}}, r"schema\.\$defs\.F: "),
    ],
)
def test_what_cannot_be_enforced_is_refused(schema, says):
    """A keyword that constrained output can't hold is a 400 that names its place."""
    with pytest.raises(VendorError, match=says):
        refuse_unsupported(schema)
