"""Mail that a mail service posts as JSON, read into an event. Pure.

The fields are few and plain: who wrote, to whom, the subject, the text, when it came, and the Message-ID of RFC 5322;
what else a service sends is left out. A mail says which deal it is about by the address that it was sent to,
`deals+42@...` (RFC 5233's subaddress), or by `[deal:42]` in its subject.
"""

import re
from email.utils import getaddresses, parseaddr
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.events import EntityRef, Event
from starter.sources.no_event import Ignored, parsed
from starter.sources.signed import SIGNATURE
from starter.sources.source import Door, Source

SOURCE = "mail"
KIND = "mail.received"
SNIPPET = 300
"""Characters of a mail's text in its event's summary; the agent reads the whole in the CRM."""

_SUBADDRESS = re.compile(r"^([a-z_]+?)s?\+(\d{1,18})@", re.IGNORECASE)
_IN_SUBJECT = re.compile(r"\[([a-z_]+):(\d{1,18})\]", re.IGNORECASE)


class Mail(BaseModel):
    """What is posted. Unknown fields are left out: each service adds some of its own."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    message_id: str = Field(min_length=1)
    sender: str = Field(alias="from", min_length=1)
    to: str | list[str]
    received_at: AwareDatetime
    subject: str = ""
    text: str = ""


def normalise(payload: Any) -> Event | Ignored:
    """The event in a decoded body. Raises MalformedWebhookError, which names the field."""
    mail = parsed(Mail, payload)
    entity = _entity(mail)
    if entity is None:
        return Ignored("the mail says of nothing that it is about it, neither by its address nor in its subject")
    return Event(
        id=mail.message_id,
        source=SOURCE,
        kind=KIND,
        entity=entity,
        occurred_at=mail.received_at,
        actor=f"mail:{parseaddr(mail.sender)[1].lower() or 'unknown'}",
        summary=_summary(mail),
        outside=True,
    )


def _entity(mail: Mail) -> EntityRef | None:
    addresses = [address for _, address in getaddresses([mail.to] if isinstance(mail.to, str) else mail.to)]
    found = next((match for address in addresses if (match := _SUBADDRESS.match(address))), None)
    found = found or _IN_SUBJECT.search(mail.subject)
    return EntityRef(kind=found[1].lower(), id=found[2]) if found else None


def _summary(mail: Mail) -> str:
    words = " ".join(mail.text.split())
    cut = words if len(words) <= SNIPPET else f"{words[:SNIPPET]}…"
    return f"Mail from {mail.sender}: {mail.subject}. {cut}"[:500]


MAIL = Source(SOURCE, (Door("/webhooks/mail", SIGNATURE),), normalise, Mail, "A mail service posts a mail that came in")
