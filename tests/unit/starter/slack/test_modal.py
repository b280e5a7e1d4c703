import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from contracts.approvals import ApprovalRequest
from sandbox.slack import answers
from sandbox.slack.block_rules import view_faults
from starter.slack.errors import NotEditable
from starter.slack.modal import edit_modal, read

SEND_MAIL = {
    "properties": {
        "deal_id": {"type": "integer", "description": "The deal"},
        "to": {"type": "string"},
        "subject": {"type": "string", "maxLength": 200},
        "body": {"type": "string"},
    },
    "required": ["deal_id", "to", "subject", "body"],
}
MAIL = {"deal_id": 42, "to": "j@b.example", "subject": "Livraison", "body": "Bonjour,\n\nle 12 janvier."}


def request(arguments, what="Send a mail"):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return ApprovalRequest(
        id="a-7", workflow_id="sales:deal:42", step="orchestrate-3.1", agent="sales", entity="deal:42",
        tool="crm__send_mail", arguments=arguments, arguments_hash="h", what=what, asked_at=now, expires_at=now,
    )  # fmt: skip


def modal(arguments, schema):
    return edit_modal(request(arguments), schema)


def one(rules, value, required=True):
    """The modal of a tool with one argument `x` beside a `name`."""
    schema = {"properties": {"name": {"type": "string"}, "x": rules}, "required": ["x"] if required else []}
    return modal({"name": "n"} | ({} if value is None else {"x": value}), schema)


def element(view, name="x"):
    return next((block["element"] for block in view["blocks"] if block.get("block_id") == name), None)


def submitted(view, **typed):
    """What Slack sends back when a person has typed this and left the rest."""
    return read(view | {"state": {"values": answers.state(view, typed)}})


def test_modal_is_one_that_slack_takes():
    """Checked against Slack's own rules for views."""
    assert view_faults(modal(MAIL, SEND_MAIL)) == []


def test_untouched_modal_gives_back_what_was_asked():
    """Nothing is lost or changes its type on the way through Slack."""
    view = modal(MAIL, SEND_MAIL)

    about = json.loads(view["private_metadata"])
    assert (about["approval"], about["workflow"], about["hash"]) == ("a-7", "sales:deal:42", "h")
    assert submitted(view).arguments == MAIL


def test_what_was_typed_replaces_what_was_asked():
    """An edited argument comes back edited, the others as they were."""
    assert submitted(modal(MAIL, SEND_MAIL), subject="Retard").arguments == MAIL | {"subject": "Retard"}


def test_inputs_stand_in_the_schemas_order_with_its_words():
    """Labels are the arguments' names, hints their descriptions."""
    first, *others = modal(MAIL, SEND_MAIL)["blocks"][1:]

    assert (first["label"]["text"], first["hint"]["text"]) == ("deal_id", "The deal")
    assert [block["block_id"] for block in others] == ["to", "subject", "body"]


@pytest.mark.parametrize(
    ("rules", "value", "expected"),
    [
        ({"type": "string"}, "short", {"type": "plain_text_input", "multiline": False, "initial_value": "short"}),
        ({"type": "string"}, "two\nlines", {"type": "plain_text_input", "multiline": True}),
        ({"type": "string"}, "x" * 81, {"type": "plain_text_input", "multiline": True}),
        ({"type": "string", "maxLength": 500}, "", {"type": "plain_text_input", "multiline": True, "max_length": 500}),
        ({"type": "integer", "minimum": 1}, 3, {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
        ({"type": "number"}, 2.5, {"type": "number_input", "is_decimal_allowed": True, "initial_value": "2.5"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "x", {"type": "plain_text_input"}),
        ({"type": "string", "default": "call"}, None, {"type": "plain_text_input", "initial_value": "call"}),
    ],
)
def test_argument_gets_the_input_of_its_type(rules, value, expected):
    """Text, long text and numbers each have their input, with the schema's bounds."""
    view = one(rules, value)

    assert expected.items() <= element(view).items()
    assert view_faults(view) == []


@pytest.mark.parametrize(
    ("rules", "value"),
    [({"enum": ["call", "visit"]}, "visit"), ({"enum": [1, 2]}, 2), ({"type": "boolean"}, False)],
)
def test_choice_keeps_its_type(rules, value):
    """A choice comes back as it was: text, number, yes or no."""
    view = one(rules, value)

    assert element(view)["type"] == "static_select"
    assert view_faults(view) == []
    returned = submitted(view).arguments["x"]
    assert (returned, type(returned)) == (value, type(value))


def test_choice_off_the_list_is_left_open():
    """A value that the schema does not know is not preselected: 1 is not yes."""
    assert "initial_option" not in element(one({"type": "boolean"}, 1))


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"type": "array"}, ["a", {"b": "é"}]),
        ({"type": "object"}, {"a": 1}),
        ({"type": "string"}, 7),
        ({"type": "integer"}, True),
        ({"type": "integer"}, 1.5),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "x"),
        (True, [None]),
    ],
)
def test_what_has_no_input_of_its_own_is_json(rules, value):
    """Lists, objects and values off their type can be edited as text, and come back as they were."""
    view = one(rules, value)

    assert view_faults(view) == []
    assert (element(view)["type"], element(view)["action_id"]) == ("plain_text_input", "json")
    returned = submitted(view, name="new").arguments
    assert returned == {"name": "new", "x": value}
    assert type(returned["x"]) is type(value)
    assert submitted(view, x="[1]").arguments["x"] == [1]


def test_json_that_is_none_is_said_where_it_stands():
    """What else was typed isn't lost with it."""
    edited = submitted(one({"type": "array"}, ["a"]), x="[1,", name="new")
    assert edited.faults["x"].startswith("this is no JSON: ")
    assert edited.arguments == {"name": "new"}


@pytest.mark.parametrize(
    ("rules", "value", "expected", "hint"),
    [
        ({"type": "string", "format": "date"}, "2026-12-01", {"type": "datepicker", "initial_date": "2026-12-01"}, ""),
        ({"type": "string", "format": "date"}, "soon", {"type": "plain_text_input"}, "Format: date."),
        ({"type": "string", "format": "email"}, "a@b.c", {"type": "email_text_input", "initial_value": "a@b.c"}, ""),
        ({"type": "string", "format": "uri"}, "https://a", {"type": "url_text_input"}, ""),
        ({"type": "string", "format": "date-time"}, "x", {"type": "plain_text_input"}, "Format: date-time."),
        ({"type": "string", "pattern": "^[A-Z]+$"}, "A", {"type": "plain_text_input"}, "Of the form ^[A-Z]+$"),
        ({"type": "string", "minLength": 3}, "abcd", {"min_length": 3}, ""),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 9}, 1, {"min_value": "1", "max_value": "9"}, ""),
        ({"type": "array", "description": "Ids"}, [1], {"type": "plain_text_input"}, "Ids As JSON."),
        ({"enum": [f"choice {n}" for n in range(101)]}, "choice 1", {"type": "plain_text_input"}, "One of: choice 0,"),
    ],
)
def test_what_the_schema_wants_is_kept_to_or_said(rules, value, expected, hint):
    """Dates and addresses have inputs of their own; what Slack's inputs can't keep to stands below them."""
    view = one(rules, value)

    block = next(each for each in view["blocks"] if each.get("block_id") == "x")
    assert expected.items() <= block["element"].items()
    assert block.get("hint", {"text": ""})["text"].startswith(hint)
    assert bool(hint) == ("hint" in block)
    assert view_faults(view) == []
    assert submitted(view).arguments["x"] == value


class Channel(StrEnum):
    MAIL = "mail"
    PHONE = "phone"


class Line(BaseModel):
    article: str
    count: int


class Offer(BaseModel):
    """As FastMCP makes a schema of a tool's signature: references, unions with null, bounds."""

    channel: Channel
    discount: Annotated[float, Field(ge=0, le=30, description="In percent")]
    lines: list[Line]
    tone: Literal["formal", "warm"] = "formal"
    reply_to: str | None = None
    approved_by: str | None


def test_the_schema_of_a_real_model_is_understood():
    """Enums behind references are choices, nested models JSON, and every value comes back."""
    offer = {"channel": "phone", "discount": 2.5, "lines": [{"article": "H1", "count": 2}], "approved_by": None}
    view = modal(offer, Offer.model_json_schema())

    assert view_faults(view) == []
    kinds = {block["block_id"]: block["element"]["type"] for block in view["blocks"] if block["type"] == "input"}
    assert kinds == {
        "channel": "static_select",
        "discount": "number_input",
        "lines": "plain_text_input",
        "tone": "static_select",
        "reply_to": "plain_text_input",
        "approved_by": "plain_text_input",
    }
    assert submitted(view).arguments == {**offer, "tone": "formal"}


def test_a_required_text_that_is_empty_may_stay_so():
    """Slack wants something in a required input, the schema doesn't."""
    assert submitted(one({"type": "string"}, "")).arguments["x"] == ""


def test_an_argument_off_the_schema_is_shown_too():
    """It would run, so it can be changed."""
    view = modal({"name": "n", "more": 3}, {"properties": {"name": {"type": "string"}}})
    assert element(view, "more")["type"] == "number_input"
    assert submitted(view).arguments == {"name": "n", "more": 3}


@pytest.mark.parametrize(("typed", "value"), [("007", 7), ("2.50", 2.5)])
def test_number_is_read_as_people_write_it(typed, value):
    """Leading and trailing zeros don't break it."""
    assert submitted(one({"type": "number"}, 1), x=typed).arguments["x"] == value


def test_optional_argument_left_empty_is_left_out():
    """The tool's default holds then."""
    assert submitted(one({"type": "string"}, "note", required=False), x="").arguments == {"name": "n"}


@pytest.mark.parametrize(("rules", "value"), [({"type": "string"}, "x" * 3001), ({"type": "array"}, ["x" * 3000])])
def test_what_slack_cannot_hold_stays_as_it_is_and_is_said(rules, value):
    """The others can be edited all the same, and the way to change it is named."""
    view = one(rules, value)

    assert view_faults(view) == []
    assert element(view) is None
    assert "x stays as it is" in str(view["blocks"][-1])
    assert "./farm edit a-7" in str(view["blocks"][-1])
    edited = submitted(view, name="new")
    assert (edited.arguments, edited.kept) == ({"name": "new"}, ("x",))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "crm__send_mail takes none"),
        ({"body": "x" * 4000}, "body has 4,000 characters"),
        ({f"field{n}": n for n in range(91)}, "more arguments than a modal"),
    ],
)
def test_where_no_modal_will_do_another_way_is_named(arguments, said):
    """A person is sent elsewhere instead of being shown half of it."""
    with pytest.raises(NotEditable, match=rf"{said}.*\./farm edit a-7"):
        modal(arguments, {})
