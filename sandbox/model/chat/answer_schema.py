"""What this vendor's strict structured output asks of a schema, and refuses where it isn't so.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from collections.abc import Mapping
from typing import Any

from sandbox.model.answer_schema import LISTED_PARTS, NAMED_PARTS
from sandbox.model.chat.errors import RefusedRequestError

UNSUPPORTED = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else")


def refuse_loose(schema: Mapping[str, Any], name: str, where: tuple[str, ...] = ()) -> None:
    """Raises `VendorError` (400) at the first object that is open or has a field that isn't required."""
    for key in UNSUPPORTED:
        if key in schema:
            raise _refused(name, where, f"'{key}' is not permitted.")
    if schema.get("type") == "object":
        _refuse_loose_object(schema, name, where)
    for key in NAMED_PARTS:
        for each, part in (schema.get(key) or {}).items():
            refuse_loose(part, name, (*where, key, each))
    for key in LISTED_PARTS:
        for index, part in enumerate(schema.get(key) or []):
            refuse_loose(part, name, (*where, key, str(index)))
    if isinstance(schema.get("items"), Mapping):
        refuse_loose(schema["items"], name, (*where, "items"))


def _refuse_loose_object(schema: Mapping[str, Any], name: str, where: tuple[str, ...]) -> None:
    if schema.get("additionalProperties") is not False:
        raise _refused(name, where, "'additionalProperties' is required to be supplied and to be false.")
    left_out = [each for each in schema.get("properties", {}) if each not in schema.get("required", ())]
    if left_out:
        raise _refused(
            name,
            where,
            "'required' is required to be supplied and to be an array including every key in properties. "
            f"Missing '{left_out[0]}'.",
        )


def _refused(name: str, where: tuple[str, ...], why: str) -> RefusedRequestError:
    context = f"({', '.join(map(repr, where))})"
    told = f"Invalid schema for response_format '{name}': In context={context}, {why}"
    return RefusedRequestError(told, "response_format", None)
