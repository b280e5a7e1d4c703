"""The SMTP door: the vendor's mail dropbox, and the place where all other mail of the sandbox stays.

A recipient of the form of a deal's smart BCC address files the mail under that deal. Nothing leaves the machine.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.crm.crm import Crm
from sandbox.crm.mails import Letter, deal_of, file_letter
from sandbox.crm.records import Record
from sandbox.crm.refusals import NotFound
from sandbox.crm.times import rfc3339_millis

log = logging.getLogger(__name__)


@asynccontextmanager
async def smtp_door(crm: Crm, host: str, port: int) -> AsyncIterator[int]:
    """Open while the context lasts; gives the port (chosen by the system where `port` is 0)."""
    loop = asyncio.get_running_loop()
    handler = Dropbox(crm)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="sandbox.crm", enable_SMTPUTF8=True, loop=loop), host, port
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


class Dropbox:
    """aiosmtpd's handler; the hook's name is the library's."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        message = message_from_bytes(content, policy=policy.default)
        letter = read_letter(message)
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        filed = [deal for deal in map(deal_of, recipients) if deal is not None and self._file(deal, letter)]
        keep(self._crm, envelope.mail_from or "", recipients, letter, filed)
        log.info("mail for %d recipients taken in, filed under deals %s", len(recipients), filed)
        return "250 Message accepted"

    def _file(self, deal_id: int, letter: Letter) -> bool:
        try:
            file_letter(self._crm, deal_id, letter)
        except NotFound:
            return False
        return True


def read_letter(message: EmailMessage) -> Letter:
    body = message.get_body(("plain", "html"))
    return Letter(
        sender=parseaddr(str(message.get("from", ""))),
        to=tuple(getaddresses([str(value) for value in message.get_all("to", [])])),
        cc=tuple(getaddresses([str(value) for value in message.get_all("cc", [])])),
        subject=str(message.get("subject", "")),
        body="\n".join(str(body.get_content()).splitlines()).strip() if body else "",
        message_id=str(message.get("message-id", "")).strip(),
        outgoing=True,
        by_smart_bcc=True,
    )


def keep(crm: Crm, sender: str, recipients: list[str], letter: Letter, filed: list[int]) -> None:
    """Write the mail into the outbox, filed or not."""
    crm.records.sql.execute(
        "INSERT INTO outbox (at, sender, recipients, message_id, subject, body, deal_ids) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            rfc3339_millis(crm.clock()), sender, json.dumps(recipients), letter.message_id, letter.subject,
            letter.body, json.dumps(filed),
        ),
    )  # fmt: skip


def outbox(crm: Crm) -> list[Record]:
    """Every mail taken in, oldest first."""
    rows = crm.records.sql.execute("SELECT * FROM outbox ORDER BY id")
    return [
        {**dict(row), "recipients": json.loads(row["recipients"]), "deal_ids": json.loads(row["deal_ids"])}
        for row in rows
    ]
