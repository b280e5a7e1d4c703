"""Webhook subscriptions, v1 `GET/POST/DELETE /webhooks`.

Source: pipedrive.readme.io/docs/guide-for-webhooks-v2, "How to create webhooks v2 via API".
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.crm.crm import Crm
from sandbox.crm.records import Record
from sandbox.crm.refusals import Invalid
from sandbox.crm.times import rfc3339

MAX_PER_USER = 40


class Subscription(BaseModel):
    """The body of `POST /webhooks`. Only version 2.0 is spoken here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subscription_url: Annotated[str, Field(pattern="^https?://")]
    event_action: Literal["create", "change", "delete", "*"]
    event_object: Literal["activity", "deal", "note", "organization", "person", "*"]
    name: str = "webhook"
    user_id: int | None = None
    http_auth_user: str = ""
    http_auth_password: str = ""
    version: Literal["2.0"] = "2.0"


def read_subscription(body: object) -> Subscription:
    try:
        return Subscription.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Invalid(f"Validation failed: {where}: {first['msg']}") from error


def subscribe(crm: Crm, wanted: Subscription, user_id: int) -> Record:
    """A new subscription; the same address for the same events is refused."""
    owner = wanted.user_id or user_id
    mine = crm.records.all("webhook", user_id=owner)
    if len(mine) >= MAX_PER_USER:
        raise Invalid(f"Maximum number of webhooks ({MAX_PER_USER}) reached")
    fields = wanted.model_dump(exclude={"user_id"})
    same = ("subscription_url", "event_action", "event_object")
    if any(all(hook[f] == fields[f] for f in same) for hook in mine):
        raise Invalid("Webhook with the same subscription_url, event_action and event_object exists")
    record = {**fields, "user_id": owner, "add_time": rfc3339(crm.clock()), "is_active": 1, "type": "general"}
    return crm.records.insert("webhook", record)


def ensure_subscribed(crm: Crm, wanted: Subscription, user_id: int) -> None:
    """The subscription that the stack asks for: made once, its address and password kept as they are now."""
    existing = crm.records.all("webhook", name=wanted.name)
    if existing:
        crm.records.replace("webhook", {**existing[0], **wanted.model_dump(exclude={"user_id"})})
    else:
        subscribe(crm, wanted, user_id)


def public(webhook: Record) -> Record:
    """Without the password."""
    return {name: value for name, value in webhook.items() if name != "http_auth_password"}
