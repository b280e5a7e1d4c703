"""A webhook of Pipedrive as it is sent: version 2's format, and the fields that moved. Pure.

The format: https://pipedrive.readme.io/docs/guide-for-webhooks-v2
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from starter.sources.pipedrive_objects import ID, OBJECTS, Fields

ACTIONS = frozenset({"create", "change", "delete"})
BOOKKEEPING = frozenset({"update_time"})


def _one_of(*values: str) -> JsonDict:
    return {"enum": [*values]}


class Meta(BaseModel):
    """The part of a payload's `meta` block that is read here. Ids come as numbers and as strings."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    # What is sent, for the API's description; what else comes is ignored or refused with a better reason.
    version: str = Field(json_schema_extra=_one_of("2.0"))
    action: str = Field(json_schema_extra=_one_of(*sorted(ACTIONS)))
    entity: str = Field(json_schema_extra=_one_of(*OBJECTS))
    entity_id: str = Field(json_schema_extra={"pattern": ID})
    timestamp: datetime
    id: str | None = None
    user_id: str | None = None
    company_id: str | None = None
    merged_to_id: str | None = None
    merged_from_id: str | None = None


class Webhook(BaseModel):
    """One delivery: `data` is null for a deletion, `previous` for a creation."""

    model_config = ConfigDict(frozen=True)

    meta: Meta
    data: dict[str, JsonValue] | None = None
    previous: dict[str, JsonValue] | None = None


def moved(webhook: Webhook) -> Mapping[str, tuple[JsonValue, JsonValue]]:
    """Field -> its value before and now, of each that a change moved."""
    now, before = flat(webhook.data or {}), flat(webhook.previous or {})
    return {
        name: (old, now.get(name)) for name, old in before.items() if name not in BOOKKEEPING and old != now.get(name)
    }


def flat(fields: Fields) -> dict[str, JsonValue]:
    """Custom fields beside the standard ones, by their 40-character keys, without their type tags."""
    custom = fields.get("custom_fields")
    plain = {name: value for name, value in fields.items() if name != "custom_fields"}
    if isinstance(custom, dict):
        plain |= {name: _untagged(value) for name, value in custom.items()}
    return plain


def _untagged(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict) or "type" not in value:
        return value
    rest = {name: part for name, part in value.items() if name != "type"}
    return rest["value"] if rest.keys() == {"value"} else rest
