"""Pipedrive's webhooks v2, read into events. Pure: a payload in, an event or the reason for none out.

The format: https://pipedrive.readme.io/docs/guide-for-webhooks-v2
"""

import hashlib
from datetime import UTC
from typing import Any

from pydantic import JsonValue
from pydantic_core import to_json

from contracts.events import Change, Event
from starter.sources.basic_auth import BASIC
from starter.sources.no_event import Ignored, parsed
from starter.sources.pipedrive_objects import Fields, entity_of
from starter.sources.pipedrive_summary import summarise
from starter.sources.pipedrive_traces import traces
from starter.sources.pipedrive_webhook import ACTIONS, Meta, Webhook, moved
from starter.sources.secret_path import IN_PATH, PART
from starter.sources.source import Door, Source

SOURCE = "pipedrive"
LONGEST_VALUE = 500
"""Characters of a field's value that an event carries; agents read the rest from the CRM."""


def user(user_id: str | int) -> str:
    """A Pipedrive user as an event's actor: `pipedrive:user:11`."""
    return f"{SOURCE}:user:{user_id}"


def normalise(payload: Any) -> Event | Ignored:
    """The event in a decoded payload.

    Raises MalformedWebhookError where a field is missing or of the wrong type.
    """
    webhook = parsed(Webhook, payload)
    meta = webhook.meta
    if not meta.version.startswith("2"):
        return Ignored(f"webhook version {meta.version!r}: create the webhook with version 2.0")
    if meta.action not in ACTIONS:
        return Ignored(f"{meta.entity}.{meta.action} is nothing that version 2 knows")
    fields: Fields = webhook.data or webhook.previous or {}
    entity = entity_of(meta.entity, meta.entity_id, fields)
    if isinstance(entity, Ignored):
        return entity
    changes = _changes(webhook)
    return Event(
        id=_event_id(meta, payload),
        source=SOURCE,
        kind=f"{meta.entity}.{meta.action}",
        entity=entity,
        occurred_at=meta.timestamp if meta.timestamp.tzinfo else meta.timestamp.replace(tzinfo=UTC),
        actor=user(meta.user_id) if meta.user_id else "",
        tenant=f"{SOURCE}:company:{meta.company_id}" if meta.company_id else "",
        summary=summarise(
            meta.entity,
            meta.action,
            meta.entity_id,
            fields,
            changes,
            merged_to=meta.merged_to_id or "",
            merged_from=meta.merged_from_id or "",
        ),
        changes=changes,
    )


def _event_id(meta: Meta, payload: dict[str, Any]) -> str:
    # An id that repeats the entity's is the v1 shape: taken as an event's, it would make every later
    # event of that entity look like a re-delivery.
    if meta.id and meta.id != meta.entity_id:
        return meta.id
    # What differs between two deliveries of one event stays out of the hash.
    stable = {name: value for name, value in payload["meta"].items() if name not in {"attempt", "webhook_id"}}
    content = to_json([stable, payload.get("data"), payload.get("previous")])
    return f"sha256:{hashlib.sha256(content).hexdigest()[:32]}"


def _changes(webhook: Webhook) -> dict[str, Change]:
    if webhook.meta.action != "change":
        return {}
    return {name: Change(old=_short(old), new=_short(new)) for name, (old, new) in moved(webhook).items()}


def _short(value: JsonValue) -> JsonValue:
    text = value if isinstance(value, str) else to_json(value).decode()
    return value if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


PIPEDRIVE = Source(
    SOURCE,
    (
        Door("/webhooks/pipedrive", BASIC),
        Door(f"/webhooks/pipedrive/{{{PART}}}", IN_PATH, secrets="pipedrive-path"),
    ),
    normalise,
    Webhook,
    "Pipedrive's webhooks, version 2.0",
    traces,
)
