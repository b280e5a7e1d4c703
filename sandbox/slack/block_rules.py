"""Refuse what Slack refuses, in Slack's own words, and fill in the ids it fills in."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sandbox.slack.block_kit import Message, View

Json = dict[str, Any]


def message_faults(blocks: list[Any]) -> list[str]:
    """What is wrong with a message's blocks, as in `response_metadata.messages`; empty when all is well."""
    return _faults(Message, {"blocks": blocks}) or _repeated_ids(blocks, "/blocks")


def view_faults(view: Json) -> list[str]:
    """The same for a modal given to `views.open`."""
    return _faults(View, {"view": view}) or _repeated_ids(view["blocks"], "/view/blocks") or _no_submit(view)


def with_ids(blocks: list[Json]) -> list[Json]:
    """Slack names what comes without a `block_id` or `action_id`."""
    return [{"block_id": _short_id()} | block | _named_elements(block) for block in blocks]


def _named_elements(block: Json) -> Json:
    named: Json = {}
    if block["type"] == "actions":
        named["elements"] = [{"action_id": _short_id()} | element for element in block["elements"]]
    for place in ("accessory", "element"):
        if place in block and block[place]["type"] != "image":
            named[place] = {"action_id": _short_id()} | block[place]
    return named


def _short_id() -> str:
    return secrets.token_urlsafe(6)[:5]


def _faults(model: type[BaseModel], value: Json) -> list[str]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        return [_worded(detail, value) for detail in error.errors()]
    return []


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "string_too_long": lambda limits: f"must be less than {limits['max_length'] + 1} characters",
    "string_too_short": lambda limits: f"must be more than {limits['min_length'] - 1} characters",
    "too_long": lambda limits: f"no more than {limits['max_length']} items allowed",
    "too_short": lambda limits: f"must contain at least {limits['min_length']} items",
    "string_type": lambda _: "must provide a string",
    "list_type": lambda _: "must provide an array",
    "model_type": lambda _: "must provide an object",
    "model_attributes_type": lambda _: "must provide an object",
}


def _worded(detail: ErrorDetails, value: Json) -> str:
    path = _path(detail["loc"], value)
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            words, path = f"missing required field: {path[-1]}", path[:-1]
        case "extra_forbidden":
            words, path = f"invalid additional property: {path[-1]}", path[:-1]
        case "union_tag_invalid":
            words, path = f"unsupported type: {limits['tag']}", [*path, "type"]
        case "union_tag_not_found":
            words = "missing required field: type"
        case kind:
            words = _WORDS[kind](limits) if kind in _WORDS else detail["msg"].lower()
    return f"[ERROR] {words} [json-pointer:/{'/'.join(path)}]"


def _path(loc: tuple[int | str, ...], value: Any) -> list[str]:
    """pydantic puts the tag of each union into a place; Slack's pointers know the JSON alone."""
    path: list[str] = []
    for number, step in enumerate(loc):
        is_last = number == len(loc) - 1
        is_tag = isinstance(value, dict) and value.get("type") == step and step not in value
        if is_tag and not is_last:
            continue
        path.append(str(step))
        value = _inside(value, step)
    return path


def _inside(value: Any, step: int | str) -> Any:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _repeated_ids(blocks: list[Json], where: str) -> list[str]:
    block_ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    faults = [f"[ERROR] `block_id` {name!r} is not unique" for name, times in block_ids.items() if times > 1]
    for number, block in enumerate(blocks):
        action_ids = Counter(element["action_id"] for element in elements(block) if "action_id" in element)
        faults += [
            f"[ERROR] `action_id` {name!r} already exists [json-pointer:{where}/{number}/elements]"
            for name, times in action_ids.items()
            if times > 1
        ]
    return faults


def _no_submit(view: Json) -> list[str]:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    return ["[ERROR] missing required field: submit [json-pointer:/view]"] if has_input and "submit" not in view else []


def elements(block: Json) -> Iterator[Json]:
    """What can be acted on in a block."""
    if block["type"] == "actions":
        yield from block["elements"]
    for place in ("accessory", "element"):
        if place in block:
            yield block[place]
