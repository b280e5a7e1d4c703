"""The modal in which a person edits the arguments of an approval: built from the tool's JSON Schema, and read back.

Pure. An input's block_id is the argument's name. What is too long for an input isn't shown and stays as it is: its
name travels in `private_metadata`, and whoever takes the modal back has the question. Limits:
docs.slack.dev/reference/views and docs.slack.dev/reference/block-kit.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from contracts.approvals import ApprovalRequest
from starter.slack.argument_schema import schema_of
from starter.slack.errors import NotEditable
from starter.slack.inputs import TooLong, held, input_block, plain, plain_rules

Json = dict[str, Any]

CALLBACK = "farm.edit"

LONGEST_TEXT = 3000
MOST_INPUTS = 90
"""Of a modal's 100 blocks."""

MOST_NOTES = 8

ELSEWHERE = "`./farm edit {}` or the inbox page"
"""Where else arguments can be edited."""


@dataclass(frozen=True)
class Edited:
    """A modal as it was sent. `arguments` are those that it shows; `kept` the names of those that it doesn't."""

    arguments: dict[str, JsonValue]
    kept: tuple[str, ...]
    inputs: tuple[str, ...]
    """The names of those that the modal shows, in its order."""

    faults: dict[str, str]
    """Input -> why it can't be read, for whoever typed it."""


def edit_modal(request: ApprovalRequest, schema: Json) -> Json:
    """A view for `views.open`. `schema` is the tool's input schema. Raises NotEditable."""
    inputs, too_long, means = _inputs(request, schema)
    elsewhere = ELSEWHERE.format(request.id)
    if len(inputs) > MOST_INPUTS:
        raise NotEditable(f"{request.tool} has more arguments than a modal in Slack holds: edit by {elsewhere}")
    if not inputs:
        reasons = "; ".join(f"{name} has {why}" for name, why in too_long.items()) or f"{request.tool} takes none"
        raise NotEditable(f"no argument can be edited in Slack ({reasons}): edit by {elsewhere}")
    notes = [f"{name} stays as it is: it has {why}. To change it: {elsewhere}" for name, why in too_long.items()]
    about = bound(request) | {"kept": list(too_long), "empty": means}
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(about, ensure_ascii=False),
        "title": plain("Edit before it runs"),
        "submit": plain("Approve as edited"),
        "close": plain("Cancel"),
        "blocks": [
            {"type": "section", "text": plain(request.what[:LONGEST_TEXT] or request.tool)},
            *inputs,
            *({"type": "section", "text": {"type": "mrkdwn", "text": each}} for each in notes[:MOST_NOTES]),
        ],
    }


def bound(request: ApprovalRequest) -> Json:
    """What a modal of ours carries: which question it is about, as it was shown."""
    return {"approval": request.id, "workflow": request.workflow_id, "hash": request.arguments_hash}


def read(view: Json) -> Edited:
    """The arguments of a submitted modal, with the types they had.

    Raises AttributeError, KeyError or TypeError where the view is none of ours. An optional input left empty is an
    argument left out.
    """
    about = json.loads(view["private_metadata"])
    arguments: dict[str, JsonValue] = {}
    faults: dict[str, str] = {}
    for name, actions in view["state"]["values"].items():
        [(action, state)] = actions.items()
        try:
            value = held(state, action)
        except ValueError as error:
            faults[name] = str(error)
            continue
        if value is not None:
            arguments[name] = value
        elif name in about["empty"]:
            arguments[name] = about["empty"][name]
    return Edited(arguments, tuple(about["kept"]), tuple(view["state"]["values"]), faults)


def closed_modal(why: str) -> Json:
    """What takes the place of a modal whose question is no longer open. `why` is mrkdwn."""
    said = {"type": "section", "text": {"type": "mrkdwn", "text": why[:LONGEST_TEXT]}}
    return {"type": "modal", "title": plain("No longer open"), "close": plain("Close"), "blocks": [said]}


def at_fault(inputs: tuple[str, ...], message: str) -> str:
    """The input that a refusal is about: the one it names, else the first. Slack takes an error for an input alone."""
    return next((name for name in inputs if re.search(rf"\b{re.escape(name)}\b", message)), inputs[0])


def _inputs(request: ApprovalRequest, schema: Json) -> tuple[list[Json], dict[str, str], dict[str, JsonValue]]:
    """The inputs; of those that Slack doesn't hold why; and which value an input means that is left empty."""
    required, definitions = schema.get("required", []), schema.get("$defs", {})
    inputs: list[Json] = []
    too_long: dict[str, str] = {}
    means: dict[str, JsonValue] = {}
    for name, rules in _every(request.arguments, schema).items():
        value = request.arguments.get(name)
        described, nullable = plain_rules(rules, definitions)
        if name in required and (nullable or value == ""):
            means[name] = None if nullable else ""
        try:
            inputs.append(input_block(name, described, value, may_be_empty=name not in required or name in means))
        except TooLong as error:
            too_long[name] = str(error)
    return inputs, too_long, means


def _every(arguments: dict[str, JsonValue], schema: Json) -> dict[str, Json]:
    """What the schema knows, in its order, and then what was given besides."""
    properties: dict[str, Json] = schema.get("properties", {})
    besides = {name: value for name, value in arguments.items() if name not in properties}
    return {**properties, **schema_of(besides)["properties"], **{name: {} for name in besides if besides[name] is None}}
