"""Webhooks v2: the JSON that the vendor posts. Pure.

Source: pipedrive.readme.io/docs/guide-for-webhooks-v2 and the examples in its migration guide: ids in `meta` are
strings, `data` is the record as it is now, `previous` holds the old values of the changed fields alone.
The documented `data` of a deal has no mail fields; the sandbox adds three (`MAIL_FIELDS`), because without
them a client's mail would show as a change of nothing.
"""

from typing import Any
from uuid import uuid4

from sandbox.crm.changes import Action, Written, differences
from sandbox.crm.records import Record
from sandbox.crm.times import rfc3339_millis

COMPANY_ID = "7100042"
HOST = "chaleo.pipedrive.com"

MAIL_FIELDS = ("email_messages_count", "last_incoming_mail_time", "last_outgoing_mail_time")

_FIELDS = {
    "deal": (
        "add_time", "channel", "channel_id", "close_time", "creator_user_id", "currency", "custom_fields",
        "expected_close_date", "first_won_time", "id", "label_ids", "lost_reason", "lost_time", "org_id", "origin",
        "origin_id", "owner_id", "person_id", "pipeline_id", "probability", "stage_change_time", "stage_id",
        "status", "title", "update_time", "value", "visible_to", "won_time", "is_archived", "archive_time",
        *MAIL_FIELDS,
    ),
    "activity": (
        "add_time", "busy", "deal_id", "done", "due_date", "due_time", "duration", "id", "lead_id", "location",
        "org_id", "owner_id", "person_id", "public_description", "subject", "type", "update_time",
    ),
    "note": (
        "id", "user_id", "deal_id", "person_id", "org_id", "lead_id", "active_flag", "content", "add_time",
        "update_time", "pinned_to_deal_flag", "pinned_to_person_flag", "pinned_to_organization_flag",
    ),
    "person": (
        "add_time", "custom_fields", "emails", "first_name", "id", "last_name", "name", "org_id", "owner_id",
        "phones", "update_time", "visible_to", "label_ids",
    ),
    "organization": (
        "add_time", "address", "custom_fields", "id", "name", "owner_id", "update_time", "visible_to", "label_ids",
    ),
}  # fmt: skip


def payload(webhook: Record, written: Written, permitted_user_ids: list[str]) -> dict[str, Any]:
    """One event for one webhook. `meta.attempt` counts from 1 and is raised by the delivery."""
    return {
        "data": _seen(written.entity, written.after),
        "previous": _previous(written),
        "meta": {
            "action": written.action,
            "entity": written.entity,
            "company_id": COMPANY_ID,
            "correlation_id": str(uuid4()),
            "entity_id": str(written.record["id"]),
            "id": str(uuid4()),
            "is_bulk_edit": False,
            "timestamp": rfc3339_millis(written.at),
            "type": "general",
            "user_id": str(written.actor.user_id),
            "version": "2.0",
            "webhook_id": str(webhook["id"]),
            "webhook_owner_id": str(webhook["user_id"]),
            "change_source": written.actor.source,
            "permitted_user_ids": permitted_user_ids,
            "attempt": 1,
            "host": HOST,
        },
    }


def matches(webhook: Record, action: Action, entity: str) -> bool:
    """Whether the webhook's `event_action` and `event_object` take this event in."""
    return webhook["event_action"] in ("*", action) and webhook["event_object"] in ("*", entity)


def _seen(entity: str, record: Record | None) -> Record | None:
    if record is None:
        return None
    seen = {field: record.get(field) for field in _FIELDS[entity]}
    # The v2 API has a number here, the webhook a string; so it is in the vendor's examples.
    return {**seen, "visible_to": str(seen["visible_to"])} if "visible_to" in seen else seen


def _previous(written: Written) -> Record | None:
    if written.before is None:
        return None
    if written.after is None:
        return _seen(written.entity, written.before)
    changed = differences(written.before, written.after)
    return {field: old for field, old in changed.items() if field in _FIELDS[written.entity]}
