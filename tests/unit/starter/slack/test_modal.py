from datetime import UTC, datetime

import pytest

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
    edited = submitted(modal(MAIL, SEND_MAIL))

    assert (edited.approval_id, edited.workflow_id) == ("a-7", "sales:deal:42")
    assert edited.arguments == MAIL


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
    [({"type": "array"}, ["a"]), ({"type": "object"}, {"a": 1}), ({"type": "string"}, 7), ({"type": "integer"}, True)],
)
def test_what_has_no_input_travels_along(rules, value):
    """Lists, objects and values off their type aren't shown, and come back untouched."""
    view = one(rules, value)

    assert element(view) is None
    assert submitted(view, name="new").arguments == {"name": "new", "x": value}


@pytest.mark.parametrize(("typed", "value"), [("007", 7), ("2.50", 2.5)])
def test_number_is_read_as_people_write_it(typed, value):
    """Leading and trailing zeros don't break it."""
    assert submitted(one({"type": "number"}, 1), x=typed).arguments["x"] == value


def test_optional_argument_left_empty_is_left_out():
    """The tool's default holds then."""
    assert submitted(one({"type": "string"}, "note", required=False), x="").arguments == {"name": "n"}


@pytest.mark.parametrize(
    ("rules", "value", "said"),
    [
        ({"type": "string"}, "x" * 3001, "x has 3,001 characters"),
        ({"type": "array"}, ["x" * 3000], "x can't be shown"),
        ({"enum": [str(n) for n in range(101)]}, "1", "x has more choices"),
    ],
)
def test_what_slack_cannot_hold_is_said(rules, value, said):
    """A person is sent elsewhere instead of being shown half of it."""
    with pytest.raises(NotEditable, match=said):
        one(rules, value)


def test_tool_without_plain_arguments_has_no_modal():
    """There is nothing to edit in Slack."""
    with pytest.raises(NotEditable, match="no argument that can be edited"):
        modal({"tags": []}, {"properties": {"tags": {"type": "array"}}})
