"""Mail of a deal: how the vendor shows it, and what filing one does to the deal.

Shape: v1 `GET /deals/{id}/mailMessages` and `GET /mailbox/mailMessages/{id}` of the vendor's API reference. There is
no v2 of mail. The original Message-ID is `mua_message_id`.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.crm.changes import Actor, Written
from sandbox.crm.crm import Crm
from sandbox.crm.records import Record
from sandbox.crm.times import rfc3339, v1_time

_BCC = re.compile(r"^chaleo\+deal(\d+)@pipedrivemail\.com$", re.IGNORECASE)
_REPLY = re.compile(r"^\s*((re|tr|fwd?|aw)\s*:\s*)+", re.IGNORECASE)
SNIPPET = 225


def smart_bcc(deal_id: int) -> str:
    """A deal's own dropbox address: `cc_email` in v1, `smart_bcc_email` in v2."""
    return f"chaleo+deal{deal_id}@pipedrivemail.com"


def deal_of(address: str) -> int | None:
    """The deal whose dropbox address it is."""
    found = _BCC.match(address.strip())
    return int(found[1]) if found else None


@dataclass(frozen=True)
class Letter:
    """A mail as it came. Addresses are (name, address) pairs."""

    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    subject: str
    body: str
    message_id: str
    outgoing: bool
    cc: tuple[tuple[str, str], ...] = ()
    by_smart_bcc: bool = field(default=False)


def file_letter(crm: Crm, deal_id: int, letter: Letter) -> Record:
    """File a mail under a deal; the deal's mail times and count change, and a webhook tells of that.

    The same mail filed twice is there twice: whoever sends twice shall see it.
    """
    deal = crm.get("deal", deal_id)
    at = crm.clock()
    actor = _mailbox(crm, deal, letter)
    moved = "last_outgoing_mail_time" if letter.outgoing else "last_incoming_mail_time"
    fields = {moved: rfc3339(at), "email_messages_count": deal["email_messages_count"] + 1}
    with crm.records.transaction():
        mail = crm.records.insert("mail", mail_record(crm, deal, letter, at))
        crm.log.write(Written(at, actor, "create", "mail", None, mail))
        crm.write_fields("deal", deal, fields, actor)
    return mail


def shown(mail: Record) -> Record:
    """A mail message as v1 gives it, without its body."""
    return {
        **{name: value for name, value in mail.items() if name not in ("body", "deal_id")},
        **{name: v1_time(mail[name]) for name in ("message_time", "add_time", "update_time")},
        "body_url": f"https://chaleo.pipedrive.com/v1/mailbox/mailMessages/{mail['id']}?include_body=1",
    }


def mail_record(crm: Crm, deal: Record, letter: Letter, at: datetime) -> Record:
    """A mail message with every flag that the vendor has."""
    moment = rfc3339(at)
    return {
        "deal_id": deal["id"],
        "from": [_party(crm, letter.sender)],
        "to": [_party(crm, pair) for pair in letter.to],
        "cc": [_party(crm, pair) for pair in letter.cc],
        "bcc": [_party(crm, ("", smart_bcc(deal["id"])))] if letter.by_smart_bcc else [],
        "subject": letter.subject,
        "snippet": " ".join(letter.body.split())[:SNIPPET],
        "body": letter.body,
        "mua_message_id": letter.message_id,
        "mail_thread_id": _thread(crm, deal["id"], letter.subject),
        "account_id": "sandbox",
        "user_id": deal["owner_id"],
        "message_time": moment,
        "add_time": moment,
        "update_time": moment,
        "mail_tracking_status": None,
        "mail_link_tracking_enabled_flag": 0,
        "read_flag": int(letter.outgoing),
        "draft_flag": 0,
        "synced_flag": 1,
        "deleted_flag": 0,
        "has_body_flag": 1,
        "sent_flag": int(letter.outgoing),
        "sent_from_pipedrive_flag": 0,
        "smart_bcc_flag": int(letter.by_smart_bcc),
        "has_attachments_flag": 0,
        "has_inline_attachments_flag": 0,
        "has_real_attachments_flag": 0,
        "write_flag": True,
    }


def _party(crm: Crm, pair: tuple[str, str]) -> dict[str, Any]:
    name, address = pair
    person = next((p for p in crm.records.all("person") if address in [e["value"] for e in p["emails"]]), None)
    return {
        "id": person["id"] if person else 0,
        "email_address": address,
        "name": name or (person["name"] if person else ""),
        "linked_person_id": person["id"] if person else None,
        "linked_person_name": person["name"] if person else None,
        "mail_message_party_id": None,
    }


def _thread(crm: Crm, deal_id: int, subject: str) -> int:
    """The thread of the deal with the same subject, "Re:" aside; a new one takes the next number."""
    mails = crm.records.all("mail")
    bare = _REPLY.sub("", subject).casefold()
    same = [m for m in mails if m["deal_id"] == deal_id and _REPLY.sub("", m["subject"]).casefold() == bare]
    return int(same[0]["mail_thread_id"]) if same else max((m["mail_thread_id"] for m in mails), default=0) + 1


def _mailbox(crm: Crm, deal: Record, letter: Letter) -> Actor:
    """The user whose mailbox it went through: the sender if he is one of ours, else the deal's owner."""
    users = crm.records.all("user", email=letter.sender[1])
    return Actor(users[0]["id"] if users else deal["owner_id"], "app")
