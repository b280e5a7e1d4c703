import pytest

from sandbox.slack.block_rules import message_faults, view_faults, with_ids


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id, text="Go"):
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": text}}


def subject_input(**element):
    return {
        "type": "input",
        "block_id": "subject",
        "label": {"type": "plain_text", "text": "Subject"},
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }


def modal(*blocks, **more):
    plain = {"type": "plain_text", "text": "Edit"}
    return {"type": "modal", "title": plain, "submit": plain, "blocks": list(blocks)} | more


def test_a_report_with_everything_passes():
    """The blocks that reports and requests are made of are all known."""
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Les Tilleuls", "emoji": True}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Deal*\n42"}], "accessory": button("open")},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "3 calls"}]},
        {"type": "divider"},
        {"type": "actions", "block_id": "b", "elements": [button("a"), button("b")]},
        {"type": "rich_text", "elements": []},
    ]

    assert message_faults(blocks) == []


@pytest.mark.parametrize(
    ("blocks", "fault"),
    [
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (
            [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        ([{"type": "sparkles"}], "unsupported type: sparkles [json-pointer:/blocks/0/type]"),
        ([{"type": "header"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([{"type": "divider", "colour": "red"}], "invalid additional property: colour [json-pointer:/blocks/0]"),
        ([{"text": "no type"}], "missing required field: type [json-pointer:/blocks/0]"),
        (
            [{"type": "actions", "elements": [button(str(n)) for n in range(26)]}],
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            [{"type": "actions", "elements": [button("a", "x" * 76)]}],
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            [{"type": "actions", "elements": [button("a"), button("a")]}],
            "`action_id` 'a' already exists [json-pointer:/blocks/0/elements]",
        ),
        ([{"type": "divider", "block_id": "b"}] * 2, "`block_id` 'b' is not unique"),
    ],
)
def test_faulty_blocks_are_named_with_their_place(blocks, fault):
    """A developer reads what is wrong, and a JSON pointer to it."""
    assert message_faults(blocks) == [f"[ERROR] {fault}"]


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (
            modal(subject_input(), title={"type": "plain_text", "text": "x" * 25}),
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        (
            modal(subject_input(initial_value="x" * 3001)),
            "must be less than 3001 characters [json-pointer:/view/blocks/0/element/initial_value]",
        ),
        (
            modal(subject_input(), private_metadata="x" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            {name: value for name, value in modal(subject_input()).items() if name != "submit"},
            "missing required field: submit [json-pointer:/view]",
        ),
    ],
)
def test_faulty_modals_are_named_with_their_place(view, fault):
    """A modal is checked as a message is, with its own limits."""
    assert view_faults(view) == [f"[ERROR] {fault}"]


def test_blocks_and_buttons_are_given_ids():
    """What comes without ids is named, what has them keeps them."""
    [block] = with_ids([{"type": "actions", "elements": [button("farm.approve"), button("x") | {"action_id": "y"}]}])

    assert block["block_id"]
    assert [element["action_id"] for element in block["elements"]] == ["farm.approve", "y"]


def option(text="Yes", value="1"):
    return {"text": {"type": "plain_text", "text": text}, "value": value}


@pytest.mark.parametrize(
    ("element", "fault"),
    [
        ({"type": "static_select", "options": [option()], "initial_option": option("No", "0")}, "is not among"),
        ({"type": "radio_buttons", "options": [option("x" * 76)]}, "less than 76 characters"),
        ({"initial_value": "abc", "max_length": 2}, "not within min_length and max_length"),
        ({"initial_value": "a", "min_length": 2}, "not within min_length and max_length"),
        ({"type": "email_text_input", "multiline": True}, "invalid additional property: multiline"),
    ],
)
def test_a_first_value_must_be_one_that_the_input_takes(element, fault):
    """And an option short enough to be read."""
    (said,) = view_faults(modal(subject_input(**element)))
    assert fault in said
