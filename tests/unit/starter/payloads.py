"""Webhooks v2 in the shape that Pipedrive documents, for one deal of the demo company."""

from typing import Any

META: dict[str, Any] = {
    "action": "change",
    "entity": "deal",
    "company_id": "7100042",
    "correlation_id": "0d2b9a8e-8a57-4b3e-9a5c-5f3a1c0f5a11",
    "entity_id": "42",
    "id": "5f1c2d9e-1111-4222-8333-444455556666",
    "is_bulk_edit": False,
    "timestamp": "2026-11-17T09:12:33.120Z",
    "type": "general",
    "user_id": "11",
    "version": "2.0",
    "webhook_id": "7",
    "webhook_owner_id": "90",
    "change_source": "app",
    "permitted_user_ids": ["11", "12"],
    "attempt": 1,
    "host": "chaleo.pipedrive.com",
}

DEAL: dict[str, Any] = {
    "id": 42,
    "title": "Résidence Les Tilleuls",
    "value": 52000,
    "currency": "EUR",
    "status": "open",
    "stage_id": 3,
    "label_ids": [4],
    "org_id": 8,
    "person_id": 15,
    "owner_id": 11,
    "add_time": "2026-10-01T08:00:00Z",
    "update_time": "2026-11-17T09:12:33Z",
    "custom_fields": {},
}


def webhook(data: dict[str, Any] | None = None, previous: dict[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
    """A payload with these parts; `meta` replaces single fields of its block."""
    return {"meta": META | meta, "data": data, "previous": previous}


def deal_change(**previous: Any) -> dict[str, Any]:
    """A deal of today whose fields had these values before."""
    return webhook(DEAL, previous or {"stage_id": 2})


def note(text: str = "Client wants an offer", **fields: Any) -> dict[str, Any]:
    """A new note on deal 42."""
    data = {"id": 301, "content": text, "deal_id": 42, "person_id": 15, "org_id": None, "lead_id": None} | fields
    return webhook(data, None, action="create", entity="note", entity_id="301")
