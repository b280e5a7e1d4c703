"""A farm with a Slack: run, tool server, starter and store are real, and Slack is the sandbox, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from slack_sdk.web.async_client import AsyncWebClient
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.mcp import ToolServers
from activities.records import RecordActivities
from activities.tools import ToolActivities
from contracts.approvals import ApprovalRecord, Decision, DecisionReceipt
from contracts.events import EntityRef
from contracts.names import DECIDE
from contracts.workflows import RunInput
from sandbox.slack.app import build as build_slack
from sandbox.slack.faults import Fault
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.settings import Settings
from starter.app import assemble
from starter.slack.telling import patient_client
from store.approvals import Approvals
from store.database import Database
from store.tool_ledger import ToolLedger
from tests.integration.slack.toys import ASKER, AskerRun
from tests.integration.starter.house import Line, house
from tests.station import free_port, on_port
from tool_servers.slack.server import build as build_tools
from tool_servers.slack.web_api import WebApi, web_client
from workers.workflow_code import sandbox

T = TypeVar("T")

TOKEN, SECRET, CHANNEL = "xoxb-test", "signing-secret", "C0SALES"


@dataclass
class Farm:
    run: WorkflowHandle[Any, Any]
    db: Database
    slack: Sandbox
    people: httpx.AsyncClient
    """The sandbox as a browser sees it."""

    starter_url: str

    def said(self) -> list[dict[str, Any]]:
        return self.slack.workspace.roots(CHANNEL)

    def told(self, user: str) -> list[str]:
        """What this person alone was told."""
        everything = self.slack.workspace.roots(CHANNEL, user)
        shown = {each["ts"] for each in self.said()}
        return [each["text"] for each in everything if each["ts"] not in shown]

    def fails(self, mode: str, **how: Any) -> None:
        self.slack.faults.set(Fault.model_validate({"mode": mode, **how}))

    async def record(self) -> ApprovalRecord:
        """The one question, once it is asked."""

        async def found() -> ApprovalRecord | None:
            records = await Approvals(self.db).of_run(self.run.id)
            return records[0] if records else None

        return await until(found)

    async def question(self) -> dict[str, Any]:
        """Its message, once it stands in Slack."""

        async def posted() -> dict[str, Any] | None:
            return next((each for each in self.said() if buttons(each)), None)

        return await until(posted)

    async def click(self, message: dict[str, Any], user: str, action: str) -> dict[str, Any]:
        order = {"user": user, "channel": CHANNEL, "ts": message["ts"], "action_id": action}
        answer: dict[str, Any] = (await self.people.post("/sandbox/click", json=order)).json()
        return answer

    async def modal(self, user: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.people.get("/sandbox/view", params={"user": user})).json()
        return answer

    async def submit(self, user: str, view: str, **values: str) -> dict[str, Any]:
        order = {"user": user, "view_id": view, "values": values}
        answer: dict[str, Any] = (await self.people.post("/sandbox/submit-view", json=order)).json()
        return answer

    async def decide(self, **decision: Any) -> DecisionReceipt:
        """By another way than Slack."""
        asked = (await self.record()).request.id
        given = Decision.model_validate({"approval": asked, "channel": "cli", **decision})
        receipt: DecisionReceipt = await self.run.execute_update(DECIDE, given, result_type=DecisionReceipt)
        return receipt


def buttons(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each of its buttons carries, by action."""
    actions = [block for block in message.get("blocks", []) if block["type"] == "actions"]
    return {each["action_id"]: json.loads(each["value"]) for block in actions for each in block["elements"]}


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    async with asyncio.timeout(60):
        while True:
            if (found := await look()) is not None:
                return found
            await asyncio.sleep(0.1)


@asynccontextmanager
async def farm(temporal: Client, folder: Path, fault: dict[str, Any] | None = None) -> AsyncIterator[Farm]:
    """With one run that has just begun, and asks. `fault`: what is wrong with Slack then."""
    async with AsyncExitStack() as stack:
        db = Database(f"sqlite+aiosqlite:///{folder / 'farm.db'}")
        stack.push_async_callback(db.close)
        await db.migrate()
        starter_url = f"http://127.0.0.1:{free_port()}"
        slack, slack_url = await _slack(stack, folder, f"{starter_url}/slack/interactions")
        if fault:
            slack.faults.set(Fault.model_validate(fault))
        api = f"{slack_url}/api/"
        line = Line(
            (SECRET,),
            AsyncWebClient(token=TOKEN, base_url=api, timeout=2, retry_handlers=[]),
            patient_client(TOKEN, api),
        )
        starter = await stack.enter_async_context(house(temporal, db, (ASKER,), slack=line))
        await stack.enter_async_context(on_port(assemble(starter.parts), int(starter_url.rpartition(":")[2])))
        servers = ToolServers({"slack": await _tools(stack, api, db)})
        stack.push_async_callback(servers.close)
        queue = uuid4().hex[:8]
        await stack.enter_async_context(_worker(temporal, queue, db, servers))
        people = await stack.enter_async_context(httpx.AsyncClient(base_url=slack_url, timeout=15))
        run = await _begun(temporal, queue)
        yield Farm(run, db, slack, people, starter_url)


async def _begun(temporal: Client, queue: str) -> WorkflowHandle[Any, Any]:
    deal = str(uuid4().int % 10**9)
    job = RunInput(agent="asker", entity=EntityRef(kind="deal", id=deal), number=1, events=())
    return await temporal.start_workflow(ASKER.run_workflow, job, id=f"asker:deal:{deal}/run-1", task_queue=queue)


async def _slack(stack: AsyncExitStack, folder: Path, interactions_url: str) -> tuple[Sandbox, str]:
    settings = Settings.model_construct(
        host="127.0.0.1",
        port=0,
        db=folder / "slack.db",
        bot_token=TOKEN,
        signing_secret=SECRET,
        interactions_url=interactions_url,
    )
    app, port = build_slack(settings), free_port()
    app.state.sandbox = Sandbox(settings)
    await stack.enter_async_context(on_port(app, port))
    return app.state.sandbox, f"http://127.0.0.1:{port}"


async def _tools(stack: AsyncExitStack, api: str, db: Database) -> str:
    server, port = build_tools(WebApi(web_client(TOKEN, api)), ToolLedger(db)), free_port()
    await stack.enter_async_context(on_port(server.http_app(path="/mcp", stateless_http=True), port))
    return f"http://127.0.0.1:{port}/mcp"


def _worker(temporal: Client, queue: str, db: Database, servers: ToolServers) -> Worker:
    return Worker(
        temporal,
        task_queue=queue,
        workflows=[AskerRun],
        activities=[ToolActivities(db, servers).call_tool, *RecordActivities(db).all],
        workflow_runner=sandbox(),
    )
