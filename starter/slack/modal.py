"""The modal in which a person edits the arguments of an approval: built from the tool's JSON Schema, and read back.

Pure. An input's block_id is the argument's name, its action_id `value`. What has no input (lists, objects) travels
in `private_metadata`, so that the arguments come back whole. Limits: docs.slack.dev/reference/views and
docs.slack.dev/reference/block-kit.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from contracts.approvals import ApprovalRequest
from starter.slack.errors import NotEditable

Json = dict[str, Any]

CALLBACK = "farm.edit"
ACTION = "value"

LONGEST_INPUT = 3000
LONGEST_METADATA = 3000
MOST_OPTIONS = 100
LONGEST_OPTION = 75
ONE_LINE = 80
"""Characters: a longer text gets an input of several lines."""


@dataclass(frozen=True)
class Edited:
    approval_id: str
    workflow_id: str
    arguments: dict[str, JsonValue]
    inputs: tuple[str, ...]
    """The names of those that the modal shows, in its order."""


def edit_modal(request: ApprovalRequest, schema: Json) -> Json:
    """A view for `views.open`. `schema` is the tool's input schema. Raises NotEditable."""
    properties: dict[str, Json] = schema.get("properties", {})
    required = schema.get("required", [])
    inputs = [
        block
        for name, rules in properties.items()
        if (block := _input(name, rules, request.arguments.get(name), name in required))
    ]
    if not inputs:
        raise NotEditable(f"{request.tool} has no argument that can be edited in Slack")
    shown = {block["block_id"] for block in inputs}
    kept = {name: value for name, value in request.arguments.items() if name not in shown}
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": _metadata(request, kept),
        "title": _plain("Edit before it runs"),
        "submit": _plain("Approve as edited"),
        "close": _plain("Cancel"),
        "blocks": [{"type": "section", "text": _plain(request.what[:LONGEST_INPUT] or request.tool)}, *inputs],
    }


def read(view: Json) -> Edited:
    """The arguments of a submitted modal, with the types they had.

    Raises KeyError, TypeError or ValueError where the view is none of ours. An optional input left empty is an
    argument left out.
    """
    about = json.loads(view["private_metadata"])
    optional = {block["block_id"] for block in view["blocks"] if block.get("optional")}
    given = {name: _value(actions[ACTION]) for name, actions in view["state"]["values"].items()}
    edited = {name: value for name, value in given.items() if not (value == "" and name in optional)}
    return Edited(about["approval"], about["workflow"], {**about["kept"], **edited}, tuple(given))


def closed_modal(why: str) -> Json:
    """What takes the place of an edit modal whose question is no longer open. `why` is mrkdwn."""
    said = {"type": "section", "text": {"type": "mrkdwn", "text": why[:LONGEST_INPUT]}}
    return {"type": "modal", "title": _plain("No longer open"), "close": _plain("Close"), "blocks": [said]}


def at_fault(inputs: tuple[str, ...], message: str) -> str:
    """The input that a refusal is about: the one it names, else the first. Slack takes an error for an input alone."""
    return next((name for name in inputs if re.search(rf"\b{re.escape(name)}\b", message)), inputs[0])


def _metadata(request: ApprovalRequest, kept: dict[str, JsonValue]) -> str:
    text = json.dumps({"approval": request.id, "workflow": request.workflow_id, "kept": kept}, ensure_ascii=False)
    if len(text) > LONGEST_METADATA:
        names = ", ".join(kept)
        raise NotEditable(f"{names} can't be shown as inputs and are too long to travel with a Slack modal")
    return text


def _input(name: str, rules: Json, value: JsonValue, required: bool) -> Json | None:
    """The input for an argument; None where Slack has none for its type or its present value."""
    rules = _without_null(rules)
    element = _element(name, rules, rules.get("default") if value is None else value)
    if element is None:
        return None
    block = {"type": "input", "block_id": name, "optional": not required, "label": _plain(name), "element": element}
    description = str(rules.get("description", ""))[:2000]
    return block | ({"hint": _plain(description)} if description else {})


def _without_null(rules: Json) -> Json:
    """`X | None` is an `X` that may be left empty."""
    branches = [branch for branch in rules.get("anyOf", []) if branch.get("type") != "null"]
    return {**rules, **branches[0]} if len(branches) == 1 else rules


def _element(name: str, rules: Json, value: JsonValue) -> Json | None:
    if "enum" in rules:
        return _select(name, rules["enum"], value)
    build = _BY_TYPE.get(str(rules.get("type")))
    return build(name, rules, value) if build else None


def _text(name: str, rules: Json, value: JsonValue) -> Json | None:
    if not isinstance(value, str | None):
        return None
    text = value or ""
    if len(text) > LONGEST_INPUT:
        raise NotEditable(f"{name} has {len(text):,} characters; an input in Slack holds {LONGEST_INPUT:,}")
    is_long = "\n" in text or len(text) > ONE_LINE or rules.get("maxLength", 0) > ONE_LINE
    element = {
        "type": "plain_text_input",
        "action_id": ACTION,
        "multiline": is_long,
        # Slack refuses a modal whose first value is too long; the tool's own check says it better.
        "max_length": max(min(rules.get("maxLength", LONGEST_INPUT), LONGEST_INPUT), len(text), 1),
    }
    return element | ({"initial_value": text} if text else {})


def _number(_name: str, rules: Json, value: JsonValue) -> Json | None:
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        return None
    element: Json = {"type": "number_input", "action_id": ACTION, "is_decimal_allowed": rules["type"] == "number"}
    bounds = {"min_value": rules.get("minimum"), "max_value": rules.get("maximum"), "initial_value": value}
    return element | {bound: json.dumps(number) for bound, number in bounds.items() if number is not None}


def _yes_or_no(name: str, _rules: Json, value: JsonValue) -> Json | None:
    return _select(name, [True, False], value)


def _select(name: str, values: list[JsonValue], value: JsonValue) -> Json:
    """An option's value is JSON, so that a number stays a number. Slack takes 100 options and 75 characters."""
    options = [_option(each) for each in values]
    if len(options) > MOST_OPTIONS or any(len(option["value"]) > LONGEST_OPTION for option in options):
        raise NotEditable(f"{name} has more choices, or longer ones, than a select in Slack holds")
    element: Json = {"type": "static_select", "action_id": ACTION, "options": options}
    return element | ({"initial_option": _option(value)} if _option(value) in options else {})


def _option(value: JsonValue) -> Json:
    words = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else str(value)
    return {"text": _plain(words or "(empty)"), "value": json.dumps(value, ensure_ascii=False)}


_BY_TYPE: dict[str, Callable[[str, Json, JsonValue], Json | None]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": _yes_or_no,
}


def _value(state: Json) -> JsonValue:
    """What one input holds, as JSON; an empty one as ""."""
    match state["type"]:
        case "static_select":
            chosen = state["selected_option"]
            return json.loads(chosen["value"]) if chosen else ""
        case "number_input":
            return _number_from(state["value"]) if state["value"] else ""
        case "plain_text_input":
            return state["value"] or ""
        case kind:
            raise ValueError(f"an input of type {kind!r}")


def _number_from(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
