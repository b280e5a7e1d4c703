"""A deal as one answer: the deal, its people, where it stands, what is planned, what was last written."""

import asyncio
from typing import Any

from tool_servers.crm.activities import activity_view
from tool_servers.crm.mails import heads
from tool_servers.crm.pipedrive import Json, Pipedrive

_MORE = "smart_bcc_email,last_incoming_mail_time,last_outgoing_mail_time,email_messages_count,notes_count"
RECENT_MAILS = 5


async def get_deal(crm: Pipedrive, deal_id: int) -> Json:
    deal = await crm.get(f"/api/v2/deals/{deal_id}", include_fields=_MORE)
    person, organization, stage, owner, labels, activities, mails, url = await asyncio.gather(
        _linked(crm, "/api/v2/persons", deal["person_id"]),
        _linked(crm, "/api/v2/organizations", deal["org_id"]),
        _linked(crm, "/api/v2/stages", deal["stage_id"]),
        _linked(crm, "/v1/users", deal["owner_id"]),
        label_names(crm),
        _all(crm, deal_id),
        heads(crm, deal_id, RECENT_MAILS),
        crm.web_address(f"/deal/{deal_id}"),
    )
    return {
        **{field: deal.get(field) for field in _PLAIN},
        "url": url,
        "stage": (stage or {}).get("name"),
        "labels": [labels.get(id_, str(id_)) for id_ in deal.get("label_ids") or ()],
        "owner": _user(owner),
        "person": _person(person),
        "organization": _organization(organization),
        "open_activities": [activity_view(activity) for activity in activities],
        "recent_mails": mails,
    }


_PLAIN = (
    "id", "title", "status", "value", "currency", "stage_id", "pipeline_id", "expected_close_date", "lost_reason",
    "add_time", "update_time", "stage_change_time", "last_incoming_mail_time", "last_outgoing_mail_time",
    "email_messages_count", "notes_count",
)  # fmt: skip


async def filing(crm: Pipedrive, deal_id: int) -> tuple[str, int]:
    """The deal's own dropbox address (the vendor's v1 called it `cc_email`), and how many mails are filed already."""
    deal = await crm.get(f"/api/v2/deals/{deal_id}", include_fields="smart_bcc_email,email_messages_count")
    return str(deal["smart_bcc_email"]), int(deal.get("email_messages_count") or 0)


async def label_names(crm: Pipedrive) -> dict[int, str]:
    """The company's deal labels by id."""
    async for field in crm.each_v2("/api/v2/dealFields"):
        if field["field_code"] == "label_ids":
            return {option["id"]: option["label"] for option in field.get("options") or ()}
    return {}


async def _linked(crm: Pipedrive, path: str, id_: int | None) -> Any:
    return await crm.get(f"{path}/{id_}") if id_ else None


async def _all(crm: Pipedrive, deal_id: int) -> list[Json]:
    listing = crm.each_v2("/api/v2/activities", deal_id=deal_id, done="false", sort_by="due_date")
    return [activity async for activity in listing]


def _user(user: Json | None) -> Json | None:
    return {"id": user["id"], "name": user["name"], "email": user["email"]} if user else None


def _person(person: Json | None) -> Json | None:
    if not person:
        return None
    return {
        "id": person["id"],
        "name": person["name"],
        "email": _primary(person.get("emails")),
        "phone": _primary(person.get("phones")),
    }


def _organization(organization: Json | None) -> Json | None:
    if not organization:
        return None
    address = (organization.get("address") or {}).get("value")
    return {"id": organization["id"], "name": organization["name"], "address": address}


def _primary(contacts: list[Json] | None) -> str | None:
    """The first contact value, the one marked primary before others."""
    ranked = sorted(contacts or (), key=lambda contact: not contact.get("primary"))
    return str(ranked[0]["value"]) if ranked else None
