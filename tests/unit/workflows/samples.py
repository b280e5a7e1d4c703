"""Small values of a run, each with one thing to vary."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.approvals import ApprovalRequest, Decision, Verdict
from contracts.events import Change, EntityRef, Event

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MAIL = {"deal_id": 42, "to": "j@batisseurs.example", "subject": "Devis", "body": "Bonjour"}


def event(name: str, at: datetime = NOON, kind: str = "deal.change", **changes: Any) -> Event:
    """`changes`: field -> (old, new)."""
    return Event(
        id=name,
        source="pipedrive",
        kind=kind,
        entity=EntityRef(kind="deal", id="42"),
        occurred_at=at,
        actor="pipedrive:user:11",
        summary=f"summary of {name}",
        changes={field: Change(old=old, new=new) for field, (old, new) in changes.items()},
    )


def request(name: str = "a1", **changes: Any) -> ApprovalRequest:
    values = {
        "id": name,
        "workflow_id": "sales:deal:42/run-1",
        "step": "orchestrate-1.1",
        "agent": "sales",
        "entity": "deal:42",
        "tool": "crm__send_mail",
        "arguments": MAIL,
        "arguments_hash": "0" * 64,
        "what": "send mail: to j@batisseurs.example",
        "approvers": ("U0CLAIRE", "U0TOM"),
        "asked_at": NOON,
        "expires_at": NOON + timedelta(days=3),
    }
    return ApprovalRequest.model_validate(values | changes)


def decision(verdict: Verdict = Verdict.APPROVE, **changes: Any) -> Decision:
    values = {"approval": "a1", "verdict": verdict, "by": "U0CLAIRE", "channel": "slack"}
    return Decision.model_validate(values | changes)
