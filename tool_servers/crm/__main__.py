"""python -m tool_servers.crm"""

import asyncio

import aiosmtplib

from contracts.environment import read
from store.database import Database
from store.own_writes import OwnWrites
from store.tool_ledger import ToolLedger
from telemetry.setup import instrument_httpx
from tool_servers.crm.mail import Mailer
from tool_servers.crm.pipedrive import Pipedrive, connect
from tool_servers.crm.server import build
from tool_servers.crm.settings import Settings
from tool_servers.process import process, serve

TLS_PORT = 465


async def main(settings: Settings) -> None:
    database = Database(settings.store_url)
    await database.migrate()
    try:
        async with connect(settings.api_url, settings.api_token.get_secret_value()) as http:
            crm = Pipedrive(http)
            mailer = Mailer(crm, lambda: smtp(settings), settings.mail_from, settings.mail_filing_seconds)
            await serve(build(crm, mailer, ToolLedger(database), OwnWrites(database)), settings.host, settings.port)
    finally:
        await database.close()


def smtp(settings: Settings) -> aiosmtplib.SMTP:
    """TLS from the start on port 465, STARTTLS where the server offers it elsewhere."""
    return aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username or None,
        password=settings.smtp_password.get_secret_value() or None,
        use_tls=settings.smtp_port == TLS_PORT,
        timeout=15,
    )


if __name__ == "__main__":
    wanted = read(Settings, "tool server crm")
    with process("crm", wanted.otlp_endpoint):
        instrument_httpx()
        asyncio.run(main(wanted))
