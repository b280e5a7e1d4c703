"""A tool's arguments as inputs of a form, by its JSON Schema, and what was typed there as arguments again. Pure.

There are inputs for text, numbers, dates and choices. Everything else (lists, objects, a value that isn't of its
schema's type) is JSON, to be edited as text. Whether the arguments fit the schema is the run's word alone; here is only
read what was typed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from pydantic import JsonValue

Json = dict[str, Any]

PREFIX = "arg."
"""Before an argument's name in the form: no argument takes the place of another field."""

ONE_LINE = 80

Kind = Literal["text", "long", "number", "date", "email", "choice", "json"]


@dataclass(frozen=True)
class Input:
    """One argument. `value`: as it stands in the form."""

    name: str
    kind: Kind
    value: str
    first: str = ""
    """The same before anybody typed."""

    choices: tuple[tuple[str, str], ...] = ()
    """Value in the form, words."""

    hint: str = ""
    required: bool = False
    whole: bool = False
    nullable: bool = False
    was: JsonValue = None
    """The argument as it was proposed."""

    given: bool = True
    """Whether it was proposed at all."""

    fault: str = ""

    @property
    def field(self) -> str:
        return f"{PREFIX}{self.name}"

    @property
    def rows(self) -> int:
        """Lines that the text needs, as far as one screen goes."""
        lines = sum(1 + len(line) // ONE_LINE for line in self.value.split("\n"))
        return min(max(lines + 1, 3), 18)


class Faulty(Exception):
    """Something typed can't be read. `faults`: argument -> what is wrong."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


def inputs(schema: Mapping[str, Any] | None, arguments: Mapping[str, JsonValue]) -> tuple[Input, ...]:
    """An input for each argument that the tool takes, and for each that was proposed. None: no schema is known."""
    known = schema or {}
    properties = known.get("properties", {})
    required = known.get("required", [])
    names = dict.fromkeys([*properties, *arguments])
    return tuple(
        _input(
            name,
            *_plain(properties.get(name, {}), known.get("$defs", {})),
            arguments.get(name),
            required=name in required,
            given=name in arguments,
        )
        for name in names
    )


def typed(shown: tuple[Input, ...], form: Mapping[str, str]) -> tuple[Input, ...]:
    """The inputs with what somebody typed into them."""
    return tuple(replace(each, value=_lines(form.get(each.field, each.value))) for each in shown)


def with_faults(shown: tuple[Input, ...], faults: Mapping[str, str]) -> tuple[Input, ...]:
    """The inputs with what is wrong beside each."""
    return tuple(replace(each, fault=faults.get(each.name, "")) for each in shown)


def arguments_of(filled: tuple[Input, ...]) -> dict[str, JsonValue]:
    """The arguments, whole. What was left empty is left out, where it may be. Raises Faulty."""
    found: dict[str, JsonValue] = {}
    faults: dict[str, str] = {}
    for each in filled:
        try:
            value = _value(each)
        except ValueError as error:
            faults[each.name] = str(error)
            continue
        if value is not LEFT_OUT:
            found[each.name] = value
    if faults:
        raise Faulty(faults)
    return found


LEFT_OUT: Any = object()


def _input(name: str, rules: Json, nullable: bool, value: JsonValue, *, required: bool, given: bool) -> Input:
    shown = value if given else rules.get("default")
    kind = _kind(rules, shown)
    return Input(
        name=name,
        kind=kind,
        value=_shown(kind, shown),
        first=_lines(_shown(kind, shown)),
        choices=_choices(rules, optional=not required) if kind == "choice" else (),
        hint=str(rules.get("description", "")),
        required=required,
        whole=rules.get("type") == "integer",
        nullable=nullable,
        was=value,
        given=given,
    )


def _plain(rules: Any, definitions: Mapping[str, Json]) -> tuple[Json, bool]:
    """A schema without its reference and without `| null`, and whether null is one of its values."""
    rules = _resolved(rules, definitions)
    branches = [_resolved(each, definitions) for each in rules.get("anyOf") or []]
    others = [each for each in branches if each.get("type") != "null"]
    if len(others) == 1:
        return {**others[0], **{key: value for key, value in rules.items() if key != "anyOf"}}, len(branches) > 1
    kind = rules.get("type")
    if isinstance(kind, list):
        rest = [each for each in kind if each != "null"]
        return {**rules, "type": rest[0] if len(rest) == 1 else None}, "null" in kind
    return rules, len(others) < len(branches)


def _resolved(rules: Any, definitions: Mapping[str, Json]) -> Json:
    """One step of `$ref`, as pydantic writes an enum. `true` and `false` are schemas too."""
    if not isinstance(rules, dict):
        return {}
    name = str(rules.get("$ref", "")).removeprefix("#/$defs/")
    return {**definitions[name], **rules} if name in definitions else rules


def _kind(rules: Json, value: JsonValue) -> Kind:
    if _options(rules):
        return "choice"
    kind = rules.get("type") or _type_of(value)
    if kind == "string" and isinstance(value, str | None):
        if rules.get("format") == "date" and _is_date(value):
            return "date"
        if rules.get("format") == "email" and "\n" not in (value or ""):
            return "email"
        text = value or ""
        is_long = "\n" in text or len(text) > ONE_LINE or rules.get("maxLength", 0) > 4 * ONE_LINE
        return "long" if is_long else "text"
    if kind in {"integer", "number"} and isinstance(value, int | float | None) and not isinstance(value, bool):
        return "number"
    return "json"


def _type_of(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else ""


def _is_date(value: str | None) -> bool:
    try:
        return not value or bool(date.fromisoformat(value))
    except ValueError:
        return False


def _options(rules: Json) -> list[JsonValue]:
    if "const" in rules:
        return [rules["const"]]
    return [True, False] if rules.get("type") == "boolean" else list(rules.get("enum", []))


def _choices(rules: Json, *, optional: bool) -> tuple[tuple[str, str], ...]:
    """A choice's value is JSON, so that a number stays one."""
    words = {True: "yes", False: "no"}
    named = [(each, words[each] if isinstance(each, bool) else str(each)) for each in _options(rules)]
    found = tuple((json.dumps(each, ensure_ascii=False), word or "(empty)") for each, word in named)
    return (("", "–"), *found) if optional else found


def _shown(kind: Kind, value: JsonValue) -> str:
    if value is None:
        return ""
    if kind in {"text", "long", "date", "email"}:
        return str(value)
    return json.dumps(value, ensure_ascii=False, indent=2 if kind == "json" else None)


def _value(each: Input) -> JsonValue:
    """What an input holds; LEFT_OUT where it holds nothing. Raises ValueError, worded for a person."""
    text = each.value
    if text == each.first:
        return each.was if each.given else LEFT_OUT  # untouched: its very lines, and null stays null
    if not text.strip():
        if each.kind in {"text", "long", "email"} and (each.required or each.was) and not each.nullable:
            return text
        return None if each.nullable and each.required else LEFT_OUT
    match each.kind:
        case "number":
            return _number(text.strip(), whole=each.whole)
        case "json" | "choice":
            return _json(text)
        case _:
            return text


def _number(text: str, *, whole: bool) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{text[:40]} is no number") from None
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124  NaN alone isn't itself
        raise ValueError(f"{text[:40]} is no number")
    if whole:
        raise ValueError(f"{text[:40]} is no whole number")
    return number


def _json(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no JSON: {str(error)[:120]}") from None
    return value


def _lines(text: str) -> str:
    """A form sends each line's end as two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
