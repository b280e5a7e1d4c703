"""What a Pipedrive webhook shows of the write behind it. Pure."""

from typing import Any

from pydantic import JsonValue

from contracts.fingerprints import Fingerprint, activity_created, mail_filed, note_created
from contracts.marks import last_mark
from starter.sources.pipedrive_webhook import Webhook, flat, moved
from starter.sources.traces import NONE, Trace, Traces

FOLLOWS = {
    "stage_id": frozenset({"stage_change_time", "pipeline_id"}),
    "status": frozenset({"close_time", "won_time", "first_won_time", "lost_time", "lost_reason"}),
    "value": frozenset({"weighted_value"}),
}
"""Field -> what the CRM sets by itself where it changes."""

COUNT, SENT_AT = "email_messages_count", "last_outgoing_mail_time"
NOTHING: frozenset[str] = frozenset()
NEW = frozenset({"(the whole)"})


def traces(payload: Any) -> Traces:
    """Of what `pipedrive.normalise` has read. A deletion shows nothing: no tool of ours deletes."""
    webhook = Webhook.model_validate(payload)
    if webhook.meta.action == "change":
        about = f"{webhook.meta.entity}:{webhook.meta.entity_id}"
        return _changed(about, {name: new for name, (_, new) in moved(webhook).items()})
    if webhook.meta.action == "create" and (print_ := _created(webhook)):
        return Traces(print_.about, NEW, (Trace(print_, NEW),))
    return NONE


def _changed(about: str, now: dict[str, JsonValue]) -> Traces:
    found = [Trace(Fingerprint.of(about, name, now[name]), FOLLOWS.get(name, NOTHING) | {name}) for name in now]
    if now.keys() >= {COUNT, SENT_AT}:
        found.append(Trace(mail_filed(about.partition(":")[2], now[COUNT]), frozenset({COUNT, SENT_AT})))
    return Traces(about, frozenset(now), tuple(found))


def _created(webhook: Webhook) -> Fingerprint | None:
    entity, fields = webhook.meta.entity, flat(webhook.data or {})
    deal = fields.get("deal_id")
    if not isinstance(deal, int | str):
        return None
    if entity == "note":
        mark = last_mark(str(fields.get("content") or ""))
        return note_created(deal, mark) if mark else None
    return activity_created(deal, fields) if entity == "activity" else None
