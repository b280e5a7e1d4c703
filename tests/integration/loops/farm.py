"""A farm whose agents write to the CRM that they listen to: everything real but the CRM and Slack, which are the
sandbox's, and the agents, which are scripted.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.alarms import AlarmActivities
from activities.mcp import ToolServers
from activities.records import RecordActivities
from activities.tools import ToolActivities
from contracts.fingerprints import OwnWrite
from contracts.names import STATUS, task_queue
from contracts.workflows import EntityStatus
from sandbox.crm.app import build_app
from sandbox.crm.crm import Crm
from sandbox.crm.records import Records
from sandbox.crm.seed import seed
from sandbox.crm.webhooks import Subscription, ensure_subscribed
from sandbox.slack.app import build as build_slack
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.settings import Settings as SlackSettings
from starter.app import assemble
from store.database import Database
from store.dead_letters import DeadLetter, DeadLetters
from store.door import Door
from store.own_writes import OwnWrites
from store.tool_ledger import ToolLedger
from tests.integration.loops.toys import SPECS, WORKFLOWS
from tests.integration.starter.house import house
from tests.station import free_port, on_port
from tool_servers.crm.mail import Mailer
from tool_servers.crm.pipedrive import Pipedrive, connect
from tool_servers.crm.server import build as build_crm_tools
from tool_servers.slack.server import build as build_slack_tools
from tool_servers.slack.web_api import WebApi, web_client
from workers.workflow_code import sandbox

DEAL = 42
CLAIRE = "sandbox-token-claire"
TOM, INES, AGENT = "sandbox-token-tom", "sandbox-token-ines", "sandbox-agent-token"
CHANNEL = "C0SALES"
QUIET_S = 3.0
"""Longer than a window and a webhook take together: who has done nothing for so long has settled."""


class NoWord:
    """A farm without fingerprints: nothing is announced."""

    async def expect(self, write: OwnWrite) -> None: ...

    async def withdraw(self, key: str) -> None: ...


@dataclass
class Farm:
    temporal: Client
    db: Database
    crm: httpx.AsyncClient
    slack: Sandbox
    agents: tuple[str, ...]

    async def claire_sets(self, **fields: Any) -> None:
        (await self.crm.patch(f"/api/v2/deals/{DEAL}", json=fields)).raise_for_status()

    async def deal(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.crm.get(f"/api/v2/deals/{DEAL}")).json()["data"]
        return answer

    async def door(self) -> list[tuple[str, str]]:
        """What came in, in order: for whom it was, or why for nobody; with the fields that changed."""
        entries = await Door(self.db).of_entity(f"deal:{DEAL}")
        return [(each.reason or each.agent, " ".join(each.event.changes)) for each in entries]

    async def dead_letters(self) -> list[DeadLetter]:
        return list(await DeadLetters(self.db).waiting())

    def said(self) -> list[str]:
        """In the channel for alarms."""
        return [root["text"] for root in self.slack.workspace.roots(CHANNEL)]

    async def status(self, agent: str) -> EntityStatus:
        handle = self.temporal.get_workflow_handle(f"{agent}:deal:{DEAL}")
        return await handle.query(STATUS, result_type=EntityStatus)

    async def begun(self) -> None:
        """Once each agent has heard of the deal."""
        async with asyncio.timeout(30):
            for agent in self.agents:
                while not await self._exists(agent):  # noqa: ASYNC110  other processes have no event of ours
                    await asyncio.sleep(0.1)

    async def _exists(self, agent: str) -> bool:
        try:
            await self.status(agent)
        except RPCError:
            return False
        return True

    async def settled(self) -> dict[str, EntityStatus]:
        """The agents' states, once none has done anything for a while."""
        await self.begun()
        last, since = "", asyncio.get_running_loop().time()
        async with asyncio.timeout(60):
            while asyncio.get_running_loop().time() - since < QUIET_S:
                now = f"{await self.door()} {await self._statuses()} {await self.deal()}"
                if now != last:
                    last, since = now, asyncio.get_running_loop().time()
                await asyncio.sleep(0.1)
        return await self._statuses()

    async def _statuses(self) -> dict[str, EntityStatus]:
        return {agent: await self.status(agent) for agent in self.agents}


@asynccontextmanager
async def farm(
    temporal: Client, folder: Path, tokens: Mapping[str, str], *, own_token: str = "", fingerprints: bool = True
) -> AsyncIterator[Farm]:
    """`tokens`: agent -> the CRM token that it writes with. `own_token`: by which the starter knows who we are."""
    async with AsyncExitStack() as stack:
        db = Database(f"sqlite+aiosqlite:///{folder / 'farm.db'}")
        stack.push_async_callback(db.close)
        await db.migrate()
        crm_url, starter_url = await _crm(stack)
        slack, slack_tools = await _slack(stack, db, folder)
        specs = [SPECS[name] for name in tokens]
        starter = await stack.enter_async_context(house(temporal, db, specs, crm_url, own_token))
        await stack.enter_async_context(on_port(assemble(starter.parts), int(starter_url.rpartition(":")[2])))
        for name, token in tokens.items():
            writes = OwnWrites(db) if fingerprints else NoWord()
            crm_tools = await _crm_tools(stack, crm_url, token, db, writes)
            servers = ToolServers({"crm": crm_tools, "slack": slack_tools})
            stack.push_async_callback(servers.close)
            await stack.enter_async_context(_worker(temporal, name, db, servers))
        crm = await stack.enter_async_context(httpx.AsyncClient(base_url=crm_url, headers={"x-api-token": CLAIRE}))
        yield Farm(temporal, db, crm, slack, tuple(tokens))
        for name in tokens:
            await temporal.get_workflow_handle(f"{name}:deal:{DEAL}").terminate()


async def _crm(stack: AsyncExitStack) -> tuple[str, str]:
    """A CRM that posts its webhooks to the starter's address, where nobody is yet."""
    port, starter_url = free_port(), f"http://127.0.0.1:{free_port()}"
    crm = Crm(Records(":memory:"))
    seed(crm)
    hook = Subscription(
        subscription_url=f"{starter_url}/webhooks/pipedrive",
        event_action="*",
        event_object="*",
        http_auth_user="pipedrive",
        http_auth_password="secret",
    )
    ensure_subscribed(crm, hook, 11)
    await stack.enter_async_context(on_port(build_app(crm, rate_limit=False), port))
    return f"http://127.0.0.1:{port}", starter_url


async def _crm_tools(stack: AsyncExitStack, crm_url: str, token: str, db: Database, writes: Any) -> str:
    http = await stack.enter_async_context(connect(crm_url, token))
    crm = Pipedrive(http)
    mailer = Mailer(crm, lambda: None, "agent@chaleo.example", 0)  # type: ignore[return-value]
    return await _served(stack, build_crm_tools(crm, mailer, ToolLedger(db), writes))


async def _slack(stack: AsyncExitStack, db: Database, folder: Path) -> tuple[Sandbox, str]:
    settings = SlackSettings.model_construct(
        host="127.0.0.1", port=0, db=folder / "slack.db", bot_token="xoxb-test", signing_secret="s", interactions_url=""
    )
    app, port = build_slack(settings), free_port()
    app.state.sandbox = Sandbox(settings)
    await stack.enter_async_context(on_port(app, port))
    api = WebApi(web_client("xoxb-test", f"http://127.0.0.1:{port}/api/"))
    return app.state.sandbox, await _served(stack, build_slack_tools(api, ToolLedger(db)))


async def _served(stack: AsyncExitStack, server: Any) -> str:
    port = free_port()
    await stack.enter_async_context(on_port(server.http_app(path="/mcp", stateless_http=True), port))
    return f"http://127.0.0.1:{port}/mcp"


def _worker(temporal: Client, agent: str, db: Database, servers: ToolServers) -> Worker:
    tools = ToolActivities(db, servers)
    alarms = AlarmActivities(tools, CHANNEL)
    return Worker(
        temporal,
        task_queue=task_queue(agent),
        workflows=list(WORKFLOWS[agent]),
        activities=[tools.call_tool, alarms.raise_alarm, *RecordActivities(db).all],
        workflow_runner=sandbox(),
    )
