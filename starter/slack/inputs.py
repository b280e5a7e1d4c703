"""An argument as an input of a Slack modal, by its JSON Schema, and what the input holds as JSON again. Pure.

Slack has inputs for text, numbers, dates, addresses and choices. Everything else (lists, objects, a value that isn't
of its schema's type) is JSON, to be edited as text. Limits: docs.slack.dev/reference/block-kit/block-elements.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import JsonValue

Json = dict[str, Any]

VALUE, AS_JSON = "value", "json"
"""An input's action_id: how what it holds is to be read."""

LONGEST_INPUT = 3000
LONGEST_HINT = 2000
MOST_OPTIONS = 100
LONGEST_OPTION = 75
ONE_LINE = 80
"""Characters: a longer text gets an input of several lines."""


class TooLong(Exception):
    """An input in Slack doesn't hold this."""


def input_block(name: str, rules: Json, value: JsonValue, *, may_be_empty: bool) -> Json:
    """The input for an argument, holding its present value. `rules`: its schema, plain. Raises TooLong."""
    element = _element(rules, rules.get("default") if value is None else value)
    hint = _hint(rules, element)
    block = {"type": "input", "block_id": name, "optional": may_be_empty, "label": plain(name), "element": element}
    return block | ({"hint": plain(hint)} if hint else {})


def held(state: Json, action: str) -> JsonValue:
    """What one input holds; an empty one None. Raises ValueError, worded for a person, where it is no JSON."""
    value = _held(state)
    if action != AS_JSON or value is None:
        return value
    try:
        parsed: JsonValue = json.loads(str(value))
    except ValueError as error:
        raise ValueError(f"this is no JSON: {error}") from None
    return parsed


def plain_rules(rules: Json | bool, definitions: Mapping[str, Json]) -> tuple[Json, bool]:
    """A schema without its references and without `| null`, and whether null is one of its values."""
    rules = _resolved(rules, definitions)
    branches = [_resolved(each, definitions) for each in rules.get("anyOf") or rules.get("oneOf") or []]
    others = [each for each in branches if each.get("type") != "null"]
    if len(others) == 1:
        around = {key: value for key, value in rules.items() if key not in {"anyOf", "oneOf"}}
        return {**others[0], **around}, len(branches) > 1
    kind = rules.get("type")
    if isinstance(kind, list) and "null" in kind and len(kind) == 2:  # noqa: PLR2004 - `["string", "null"]`
        return {**rules, "type": next(each for each in kind if each != "null")}, True
    return rules, len(others) < len(branches)


def _resolved(rules: Json | bool, definitions: Mapping[str, Json]) -> Json:
    """One step of `$ref`: pydantic writes an enum or a model so. What the reference says besides holds as well."""
    if isinstance(rules, bool):
        return {}
    name = str(rules.get("$ref", "")).removeprefix("#/$defs/")
    return {**definitions[name], **rules} if name in definitions else rules


def _element(rules: Json, value: JsonValue) -> Json:
    build = _choice if _choices(rules) else _BY_FORMAT.get(str(rules.get("format"))) or _BY_TYPE.get(_type(rules))
    element = build(rules, value) if build else None
    return element or _json(value)


def _type(rules: Json) -> str:
    return str(rules.get("type"))


def _choices(rules: Json) -> list[JsonValue]:
    if "const" in rules:
        return [rules["const"]]
    return [True, False] if rules.get("type") == "boolean" else list(rules.get("enum", []))


def _choice(rules: Json, value: JsonValue) -> Json | None:
    """An option's value is JSON, so that a number stays a number. More or longer ones than Slack takes are typed."""
    options = [_option(each) for each in _choices(rules)]
    if len(options) > MOST_OPTIONS or any(len(option["value"]) > LONGEST_OPTION for option in options):
        return _text(rules, value) if all(isinstance(each, str) for each in _choices(rules)) else None
    element: Json = {"type": "static_select", "action_id": VALUE, "options": options}
    return element | ({"initial_option": _option(value)} if _option(value) in options else {})


def _option(value: JsonValue) -> Json:
    words = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else str(value)
    return {"text": plain((words or "(empty)")[:LONGEST_OPTION]), "value": json.dumps(value, ensure_ascii=False)}


def _text(rules: Json, value: JsonValue) -> Json | None:
    if not isinstance(value, str | None):
        return None
    text = value or ""
    _fits(text)
    is_long = "\n" in text or len(text) > ONE_LINE or rules.get("maxLength", 0) > ONE_LINE
    element: Json = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": is_long,
        # Slack refuses a modal whose first value is too long; the tool's own check says it better.
        "max_length": max(min(rules.get("maxLength", LONGEST_INPUT), LONGEST_INPUT), len(text), 1),
    }
    shortest = min(rules.get("minLength", 0), LONGEST_INPUT)
    bounds = {"min_length": shortest} if 0 < shortest <= len(text) else {}
    return element | bounds | ({"initial_value": text} if text else {})


def _address(kind: str) -> "Callable[[Json, JsonValue], Json | None]":
    def build(rules: Json, value: JsonValue) -> Json | None:
        if _type(rules) != "string" or not isinstance(value, str | None):
            return None
        _fits(value or "")
        return {"type": kind, "action_id": VALUE} | ({"initial_value": value} if value else {})

    return build


def _date(rules: Json, value: JsonValue) -> Json | None:
    if _type(rules) != "string":
        return None
    try:
        first = {"initial_date": date.fromisoformat(str(value)).isoformat()} if value else {}
    except ValueError:
        return _text(rules, value)
    return {"type": "datepicker", "action_id": VALUE, **first}


def _number(rules: Json, value: JsonValue) -> Json | None:
    whole = rules["type"] == "integer"
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        return None
    if whole and isinstance(value, float):
        return None
    element: Json = {"type": "number_input", "action_id": VALUE, "is_decimal_allowed": not whole}
    bounds = {"min_value": _least(rules, whole), "max_value": _most(rules, whole), "initial_value": value}
    return element | {bound: json.dumps(number) for bound, number in bounds.items() if number is not None}


def _least(rules: Json, whole: bool) -> float | None:
    beyond = rules.get("exclusiveMinimum")
    return rules.get("minimum", beyond + 1 if whole and isinstance(beyond, int) else None)


def _most(rules: Json, whole: bool) -> float | None:
    beyond = rules.get("exclusiveMaximum")
    return rules.get("maximum", beyond - 1 if whole and isinstance(beyond, int) else None)


def _json(value: JsonValue) -> Json:
    """A text of JSON: each part on a line of its own where there is room for that."""
    wide = "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
    text = wide if len(wide) <= LONGEST_INPUT else json.dumps(value, ensure_ascii=False)
    _fits(text)
    element: Json = {"type": "plain_text_input", "action_id": AS_JSON, "multiline": True}
    return element | ({"initial_value": text} if text else {})


def _fits(text: str) -> None:
    if len(text) > LONGEST_INPUT:
        raise TooLong(f"{len(text):,} characters; an input in Slack holds {LONGEST_INPUT:,}")


def _hint(rules: Json, element: Json) -> str:
    """The schema's description, and what the input itself doesn't say."""
    typed = {"email_text_input", "url_text_input", "datepicker"}
    parts = [
        str(rules.get("description", "")),
        "As JSON." if element["action_id"] == AS_JSON else "",
        f"Format: {rules['format']}." if "format" in rules and element["type"] not in typed else "",
        f"Of the form {rules['pattern']}" if "pattern" in rules else "",
        _offered(rules) if element["type"] == "plain_text_input" else "",
    ]
    return " ".join(part for part in parts if part)[:LONGEST_HINT]


def _offered(rules: Json) -> str:
    return f"One of: {', '.join(str(each) for each in rules['enum'])}" if rules.get("enum") else ""


_BY_FORMAT: dict[str, Callable[[Json, JsonValue], Json | None]] = {
    "email": _address("email_text_input"),
    "uri": _address("url_text_input"),
    "date": _date,
}

_BY_TYPE: dict[str, Callable[[Json, JsonValue], Json | None]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
}


def _held(state: Json) -> JsonValue:
    match state["type"]:
        case "static_select" | "radio_buttons":
            chosen = state["selected_option"]
            return json.loads(chosen["value"]) if chosen else None
        case "number_input":
            return _number_from(state["value"]) if state["value"] else None
        case "datepicker":
            return state["selected_date"] or None
        case "plain_text_input" | "email_text_input" | "url_text_input":
            return state["value"] or None
        case kind:
            raise TypeError(f"an input of type {kind!r}")


def _number_from(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def plain(text: str) -> Json:
    """Slack's text object without markup."""
    return {"type": "plain_text", "text": text}
