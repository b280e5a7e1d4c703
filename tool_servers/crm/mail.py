"""Sending mail. Pipedrive's API can't, so it goes by SMTP with the deal's smart BCC address as a hidden recipient,
and the CRM's dropbox files it under the deal.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, make_msgid, parseaddr
from hashlib import sha256

import aiosmtplib
from fastmcp.exceptions import ToolError

from contracts.fingerprints import mail_filed
from tool_servers.announcing import Announcer
from tool_servers.crm.deals import filing
from tool_servers.crm.mails import find_by_message_id
from tool_servers.crm.pipedrive import Json, Pipedrive
from tool_servers.ledger import NothingDone

PERMANENT = 500
LOOK_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class Draft:
    """A mail to one person, in plain text."""

    to: str
    subject: str
    body: str


class Mailer:
    """Sends a deal's mail. `connection` makes a fresh, unconnected SMTP client; `sender` is the From."""

    def __init__(
        self, crm: Pipedrive, connection: Callable[[], aiosmtplib.SMTP], sender: str, filing_seconds: float
    ) -> None:
        self._crm = crm
        self._connection = connection
        self._sender = sender
        self._filing_seconds = filing_seconds

    async def send(self, announced: Announcer, deal_id: int, draft: Draft, key: str) -> Json:
        dropbox, mails = await filing(self._crm, deal_id)
        message_id = self._message_id(key)
        async with announced(mail_filed(deal_id, mails + 1)):
            await self._hand_over(compose(self._sender, draft, message_id), (draft.to, dropbox))
        return _sent(deal_id, draft, message_id)

    async def find(self, deal_id: int, draft: Draft, key: str) -> Json | None:
        """The mail that was sent under this effect key. The dropbox files late, so this looks for a while."""
        message_id = self._message_id(key)
        give_up = asyncio.get_running_loop().time() + self._filing_seconds
        while await find_by_message_id(self._crm, deal_id, message_id) is None:
            if asyncio.get_running_loop().time() >= give_up:
                return None
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return _sent(deal_id, draft, message_id)

    def _message_id(self, key: str) -> str:
        domain = parseaddr(self._sender)[1].partition("@")[2]
        return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>" if key else make_msgid(domain=domain)

    async def _hand_over(self, message: EmailMessage, recipients: tuple[str, ...]) -> None:
        """All recipients or none: a refused client must not leave a mail in the CRM that nobody got."""
        try:
            async with self._connection() as smtp:
                await smtp.mail(parseaddr(self._sender)[1])
                for recipient in recipients:
                    await smtp.rcpt(recipient)
                await _deliver(smtp, message)
        except aiosmtplib.SMTPRecipientRefused as error:
            raise NothingDone(_worded("bad arguments", error.code, f"recipient {error.recipient} refused")) from error
        except aiosmtplib.SMTPResponseException as error:
            raise NothingDone(_worded("permanent", error.code, f"the mail server refused ({error.code})")) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NothingDone(f"passing: the mail server can't be reached ({type(error).__name__})") from error


async def _deliver(smtp: aiosmtplib.SMTP, message: EmailMessage) -> None:
    """The moment of sending: a connection that breaks in it leaves open whether the mail went."""
    try:
        await smtp.data(message.as_bytes(policy=SMTP_POLICY))
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError) as error:
        raise ToolError(
            f"passing: the mail server fell silent while taking the mail ({type(error).__name__})"
        ) from error


def compose(sender: str, draft: Draft, message_id: str) -> EmailMessage:
    """The mail as the client sees it; the dropbox's address is in the envelope alone."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = draft.to
    message["Subject"] = " ".join(draft.subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = message_id
    message.set_content(draft.body)
    return message


def _worded(lasting: str, code: int, what: str) -> str:
    """A 4xx reply of SMTP asks to come back later; a 5xx is final."""
    return f"{lasting if code >= PERMANENT else 'passing'}: {what}"


def _sent(deal_id: int, draft: Draft, message_id: str) -> Json:
    return {"deal_id": deal_id, "to": draft.to, "subject": draft.subject, "message_id": message_id}
