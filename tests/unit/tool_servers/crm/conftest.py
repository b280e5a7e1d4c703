from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosmtplib
import httpx
import pytest
from fastmcp import Client

from contracts.fingerprints import Fingerprint
from contracts.names import META_EFFECT_KEY, META_HOP, META_RUN
from sandbox.crm.app import build_app
from sandbox.crm.crm import Crm
from sandbox.crm.dropbox import smtp_door
from sandbox.crm.faults import Fault
from sandbox.crm.records import Records
from sandbox.crm.seed import seed
from store.own_writes import OwnWrites
from tool_servers.crm.mail import Mailer
from tool_servers.crm.pipedrive import Pipedrive
from tool_servers.crm.server import build


class World:
    """The sandbox CRM behind the tool server, as a test sees and disturbs it."""

    def __init__(self, app, crm: Crm):
        self._app = app
        self.crm = crm
        self.mail_port = 0

    def is_slow(self, milliseconds: int, **how: Any) -> None:
        self._app.state.faults.orders.append(Fault(delay_ms=milliseconds, **how))

    def fails(self, status: int, **how: Any) -> None:
        self._app.state.faults.orders.append(Fault(status=status, **how))

    def all(self, kind: str, deal_id: int = 42) -> list[dict[str, Any]]:
        return self.crm.records.all(kind, deal_id=deal_id)


class Tools:
    """Calls tools as the farm does, with an effect key in `_meta`."""

    def __init__(self, client: Client):
        self.client = client

    async def __call__(self, tool: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        """The structured result."""
        result = await self.client.call_tool_mcp(tool, arguments, meta=_meta(key))
        assert not result.is_error, result.content[0].text
        return result.structured_content

    async def error(self, tool: str, key: str = "", **arguments: Any) -> str:
        """The text of the tool's error."""
        result = await self.client.call_tool_mcp(tool, arguments, meta=_meta(key))
        assert result.is_error
        return result.content[0].text


RUN, HOP = "sales:deal:42/run-7", 2


def _meta(key: str) -> dict[str, Any] | None:
    return {META_EFFECT_KEY: key, META_RUN: RUN, META_HOP: HOP} if key else None


@asynccontextmanager
async def unannounced(*_prints: Fingerprint) -> AsyncIterator[None]:
    """For what a server did that died: nobody hears its word."""
    yield


@pytest.fixture
def world() -> World:
    crm = Crm(Records(":memory:"))
    seed(crm)
    return World(build_app(crm), crm)


@pytest.fixture
async def pipedrive(world) -> AsyncIterator[Pipedrive]:
    transport, headers = httpx.ASGITransport(world._app), {"x-api-token": "sandbox-agent-token"}
    async with httpx.AsyncClient(transport=transport, base_url="http://crm", headers=headers) as http:
        yield Pipedrive(http)


@pytest.fixture
async def mailer(world, pipedrive) -> AsyncIterator[Mailer]:
    async with smtp_door(world.crm, "127.0.0.1", 0) as port:
        world.mail_port = port

        def smtp() -> aiosmtplib.SMTP:
            return aiosmtplib.SMTP(hostname="127.0.0.1", port=world.mail_port, timeout=5)

        yield Mailer(pipedrive, smtp, "Chaleo <agent@chaleo.example>", filing_seconds=0)


@pytest.fixture
async def tools(db, pipedrive, mailer, ledger) -> AsyncIterator[Tools]:
    async with Client(build(pipedrive, mailer, ledger, OwnWrites(db))) as client:
        yield Tools(client)
