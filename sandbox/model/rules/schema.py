"""Documents and JSON Schema: cut one to fit, or make the smallest one that fits."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def fit(document: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The document with the schema's properties alone, long strings and lists cut, missing ones made up minimally."""
    properties = schema.get("properties", {})
    known = {
        name: _cut(document[name], _resolve(part, schema), schema)
        for name, part in properties.items()
        if name in document
    }
    missing = {
        name: smallest(properties[name], schema)
        for name in schema.get("required", ())
        if name in properties and name not in known
    }
    return {**known, **missing}


def smallest(part: Schema, root: Schema | None = None) -> Any:
    """The smallest value that fits a schema: empty strings and lists, first choices, lower bounds."""
    root = part if root is None else root
    part = _resolve(part, root)
    for key in ("const", "default"):
        if key in part:
            return part[key]
    if "enum" in part:
        return part["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in part:
            return smallest(part[key][0], root)
    return _of_type(part, root)


def _of_type(part: Schema, root: Schema) -> Any:
    kind = part.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "string":
            return _string(part)
        case "integer" | "number":
            return part.get("minimum", part.get("exclusiveMinimum", -1) + 1)
        case "boolean":
            return False
        case "null":
            return None
        case "array":
            return [smallest(part.get("items", {}), root)] * part.get("minItems", 0)
        case _:
            properties = part.get("properties", {})
            return {name: smallest(properties[name], root) for name in part.get("required", ()) if name in properties}


def _string(part: Schema) -> str:
    formats = {"date": "2026-01-05", "date-time": "2026-01-05T09:00:00Z", "email": "nobody@example.com"}
    return formats.get(str(part.get("format")), "-" * int(part.get("minLength", 0)))


def _cut(value: Any, part: Schema, root: Schema) -> Any:
    if isinstance(value, str):
        return value[: int(part.get("maxLength", len(value)))]
    if isinstance(value, list):
        items = _resolve(part.get("items", {}), root)
        return [_cut(item, items, root) for item in value[: int(part.get("maxItems", len(value)))]]
    if isinstance(value, Mapping) and "properties" in part:
        return fit(value, {**part, "$defs": root.get("$defs", {})})
    return value


def _resolve(part: Schema, root: Schema) -> Schema:
    while "$ref" in part:
        target: Any = root
        for step in str(part["$ref"]).removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part
