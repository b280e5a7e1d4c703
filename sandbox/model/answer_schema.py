"""What the vendor's structured output can't be held to, and so refuses to be asked.

https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
"""

from collections.abc import Mapping
from typing import Any

from sandbox.model.errors import bad_request

UNSUPPORTED = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "maxItems",
        "uniqueItems",
    }
)
NAMED_PARTS = ("properties", "$defs", "definitions")
LISTED_PARTS = ("anyOf", "oneOf", "allOf")


def refuse_unsupported(schema: Mapping[str, Any], where: str = "output_config.format.schema") -> None:
    """Raises `VendorError` (400) at the first keyword that would not be enforced, or for an open object."""
    for key in sorted(UNSUPPORTED & schema.keys()):
        raise bad_request(f"{where}: For '{schema.get('type')}' type, property '{key}' is not supported")
    if schema.get("minItems", 0) not in {0, 1}:
        raise bad_request(f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise bad_request(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for key in NAMED_PARTS:
        for name, part in (schema.get(key) or {}).items():
            refuse_unsupported(part, f"{where}.{key}.{name}")
    for key in LISTED_PARTS:
        for index, part in enumerate(schema.get(key) or []):
            refuse_unsupported(part, f"{where}.{key}.{index}")
    if isinstance(schema.get("items"), Mapping):
        refuse_unsupported(schema["items"], f"{where}.items")
