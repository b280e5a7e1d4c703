"""A JSON Schema for arguments at hand, where the tool's own isn't. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def schema_of(arguments: Mapping[str, JsonValue]) -> dict[str, Any]:
    """An object schema that these arguments fit: each keeps its present type, and none may be left out."""
    properties = {name: {"type": TYPES[type(value)]} for name, value in arguments.items() if value is not None}
    return {"type": "object", "properties": properties, "required": list(properties)}
