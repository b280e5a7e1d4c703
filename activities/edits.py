"""Arguments that a person edited, held against their tool's schema. Pure."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from pydantic import JsonValue

MOST = 3
"""Faults that are told at once; whoever edits mends these and sees the next."""

LONGEST = 200


def flaw(definitions: str, tool: str, arguments: dict[str, JsonValue]) -> str:
    """What is wrong, a clause for each fault; empty where nothing is. `definitions`: JSON, as the model gets them.

    MCP's schemas are JSON Schema 2020-12 where they don't say otherwise. Raises SchemaError and `referencing`'s
    Unresolvable for one that is none.
    """
    named: dict[str, dict[str, Any]] = {each["name"]: each for each in json.loads(definitions)}
    if tool not in named:
        return f"this run has no tool {tool}"
    schema = named[tool]["input_schema"]
    Draft202012Validator.check_schema(schema)
    faults = Draft202012Validator(schema).iter_errors(arguments)
    return "; ".join(_told(fault) for fault in sorted(faults, key=lambda each: each.json_path)[:MOST])


def _told(fault: ValidationError) -> str:
    where = fault.json_path.removeprefix("$").removeprefix(".")
    text = fault.message if len(fault.message) <= LONGEST else f"{fault.message[:LONGEST]}…"
    return f"{where}: {text}" if where else text
