"""Mail of a deal as the CRM has filed it: v1, the vendor has no v2 of it."""

import asyncio
from collections.abc import AsyncIterator

from tool_servers.crm.pipedrive import Json, Pipedrive
from tool_servers.crm.texts import to_text

BODY_CHARACTERS = 6000


async def list_for(crm: Pipedrive, deal_id: int, limit: int) -> Json:
    """Newest first, with bodies (cut at `BODY_CHARACTERS`)."""
    mails = await heads(crm, deal_id, limit)
    bodies = await asyncio.gather(*(_body(crm, mail["id"]) for mail in mails))
    return {"mails": [{**mail, "body": body} for mail, body in zip(mails, bodies, strict=True)]}


async def heads(crm: Pipedrive, deal_id: int, limit: int) -> list[Json]:
    """Who wrote to whom about what and when, newest first, without bodies."""
    wrapped = await crm.get(f"/v1/deals/{deal_id}/mailMessages", limit=limit)
    return [_head(item["data"]) for item in wrapped or ()]


async def find_by_message_id(crm: Pipedrive, deal_id: int, message_id: str) -> Json | None:
    """The deal's mail with that Message-ID, where it is filed."""
    async for mail in _each(crm, deal_id):
        if mail.get("mua_message_id") == message_id:
            return _head(mail)
    return None


async def _each(crm: Pipedrive, deal_id: int) -> AsyncIterator[Json]:
    async for item in crm.each_v1(f"/v1/deals/{deal_id}/mailMessages"):
        yield item["data"]


async def _body(crm: Pipedrive, mail_id: int) -> str:
    mail = await crm.get(f"/v1/mailbox/mailMessages/{mail_id}", include_body=1)
    return to_text(mail.get("body"))[:BODY_CHARACTERS]


def _head(mail: Json) -> Json:
    return {
        "id": mail["id"],
        "direction": "out" if mail.get("sent_flag") else "in",
        "from": _parties(mail.get("from")),
        "to": _parties(mail.get("to")),
        "subject": mail.get("subject") or "",
        "snippet": mail.get("snippet") or "",
        "timestamp": mail["message_time"],
        "thread_id": mail.get("mail_thread_id"),
    }


def _parties(parties: list[Json] | None) -> str:
    """`Julien Moreau <j.moreau@example.org>, ...`"""
    return ", ".join(
        f"{party['name']} <{party['email_address']}>" if party.get("name") else str(party["email_address"])
        for party in parties or ()
    )
