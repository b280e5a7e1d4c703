"""What a person edited, against its tool's schema."""

import json

import pytest

from activities.edits import flaw

MAIL = {
    "type": "object",
    "properties": {
        "deal_id": {"type": "integer"},
        "to": {"type": "string", "minLength": 3},
        "cc": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    },
    "required": ["deal_id", "to"],
    "additionalProperties": False,
}
DEFINITIONS = json.dumps([{"name": "crm__send_mail", "description": "", "input_schema": MAIL}])


def test_what_fits_has_no_flaw():
    """A complete edit, with and without what may be left out."""
    assert flaw(DEFINITIONS, "crm__send_mail", {"deal_id": 42, "to": "j@b.example"}) == ""
    assert flaw(DEFINITIONS, "crm__send_mail", {"deal_id": 42, "to": "j@b.example", "cc": ["t@b.example"]}) == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"deal_id": 42}, "'to' is a required property"),
        ({"deal_id": "42", "to": "j@b.example"}, "deal_id: '42' is not of type 'integer'"),
        ({"deal_id": 42, "to": "j"}, "to: 'j' is too short"),
        (
            {"deal_id": 42, "to": "j@b.example", "bcc": "x"},
            "Additional properties are not allowed ('bcc' was unexpected)",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(arguments, told):
    """So that whoever edits can mend it."""
    assert flaw(DEFINITIONS, "crm__send_mail", arguments) == told


def test_not_all_faults_are_told_at_once():
    """Nor the whole of a long value."""
    told = flaw(DEFINITIONS, "crm__send_mail", {f"x{number}": "y" * 5000 for number in range(50)})
    assert len(told) < 700


def test_a_tool_that_the_run_has_not_is_said():
    """Rather than let pass."""
    assert flaw(DEFINITIONS, "crm__delete", {}) == "this run has no tool crm__delete"
