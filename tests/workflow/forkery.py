"""A recorded run of the sales agent, made by the real activities: a real store, real MCP, and a scripted mind."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastmcp import FastMCP
from mcp.types import ToolAnnotations
from temporalio.client import Client
from temporalio.worker import Worker

from activities.mcp import ToolServers
from contracts import names
from contracts.approvals import ApprovalRequest, Decision
from contracts.calls import ToolUse, Usage
from contracts.events import EntityRef
from contracts.workflows import RunInput
from gateway.calls.call import Answer, Call
from gateway.calls.client import Gateway
from ops.fork.running import Means
from store.database import Database
from tests.workflow.conftest import until
from tests.workflow.events import deal_event
from workers.pool import parts
from workers.workflow_code import sandbox
from workflows.sales.agent import SALES

RUN = "sales:deal:42/run-1"
READS = ToolAnnotations(read_only_hint=True)

ACT = '{"verdict": "act", "reason": "the client wrote", "urgency": "high"}'
NOTHING_LEARNT = '{"facts": []}'
MAIL = {"deal_id": 42, "to": "j@batisseurs.example", "subject": "Devis", "body": "Bonjour"}
NOTE = {"deal_id": 42, "content": "Wants a date"}


def report(headline: str = "Answered") -> str:
    return json.dumps(
        {"headline": headline, "what_happened": "A mail came.", "what_i_did": ["a note"], "next_step": "wait"}
    )


Said = str | list[tuple[str, dict[str, Any]]]
"""A final answer, or tools that are wanted."""


class Mind(Gateway):
    """The gateway, at which nobody is, so that nobody tells of batches."""

    def __init__(self, script: dict[str, list[Said] | Callable[[Call], Said]]) -> None:
        """`script`: role -> what it says, in order; or a function of the call."""
        super().__init__("http://127.0.0.1:9", "-")
        self.script = script
        self.calls: list[Call] = []

    async def complete(self, call: Call) -> Answer:
        self.calls.append(call)
        its = self.script.get(call.role, [])
        if callable(its):
            said = its(call)
        else:
            assert its, f"the script of {call.role} ran out at {call.call_id}"
            said = its.pop(0)
        text = said if isinstance(said, str) else ""
        wishes = tuple(
            ToolUse(id=f"toolu_{len(self.calls)}_{number}", name=name, arguments=arguments)
            for number, (name, arguments) in enumerate(() if isinstance(said, str) else said)
        )
        wanted = [{"type": "tool_use", "id": use.id, "name": use.name, "input": dict(use.arguments)} for use in wishes]
        return Answer(
            content=tuple(wanted) or ({"type": "text", "text": text},),
            text=text,
            tool_uses=wishes,
            stop_reason="end_turn" if text else "tool_use",
            model="scripted",
            priced_as="scripted",
            usage=Usage(input_tokens=100, output_tokens=10),
            cost_usd=0.01,
            latency_s=0.1,
        )

    @property
    def steps(self) -> list[str]:
        return [call.call_id.rpartition("/")[2] for call in self.calls]


@dataclass
class World:
    """What stands outside: every call that reached a tool server."""

    calls: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def servers(self) -> ToolServers:
        return ToolServers({"crm": self._crm(), "slack": self._slack(), "memory": self._memory()})

    def _crm(self) -> FastMCP:
        crm: FastMCP = FastMCP("crm")

        @crm.tool(annotations=READS)
        async def get_deal(deal_id: int) -> dict[str, Any]:
            """A deal."""
            self.calls.append("get_deal")
            return {"id": deal_id, "title": "Les Tilleuls"}

        @crm.tool(annotations=READS)
        async def list_mails(deal_id: int, limit: int) -> dict[str, Any]:
            """Mails."""
            self.calls.append("list_mails")
            return {"mails": []}

        @crm.tool(annotations=READS)
        async def search_notes(deal_id: int) -> dict[str, Any]:
            """Notes."""
            self.calls.append("search_notes")
            return {"notes": list(self.notes)}

        @crm.tool
        async def add_note(deal_id: int, content: str) -> dict[str, Any]:
            """Add a note."""
            self.calls.append("add_note")
            self.notes.append(content)
            return {"note_id": len(self.notes)}

        @crm.tool
        async def send_mail(deal_id: int, to: str, subject: str, body: str) -> dict[str, Any]:
            """Send a mail."""
            self.calls.append("send_mail")
            return {"sent": True}

        return crm

    def _slack(self) -> FastMCP:
        slack: FastMCP = FastMCP("slack")

        @slack.tool
        async def post_message(
            channel: str, text: str, blocks: list[dict[str, Any]], thread_ts: str = "", reply_broadcast: bool = False
        ) -> dict[str, Any]:
            """Post."""
            self.calls.append("post_message")
            return {"channel": channel, "ts": f"{len(self.calls)}.0"}

        @slack.tool
        async def update_message(channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
            """Change."""
            self.calls.append("update_message")
            return {"channel": channel, "ts": ts}

        return slack

    def _memory(self) -> FastMCP:
        memory: FastMCP = FastMCP("memory")

        @memory.tool(annotations=READS)
        async def recall(entity: str) -> dict[str, Any]:
            """What is known."""
            self.calls.append("recall")
            return {"facts": []}

        @memory.tool
        async def remember(entity: str, facts: list[dict[str, Any]], source_event: str, run: str) -> dict[str, Any]:
            """Keep."""
            self.calls.append("remember")
            return {"kept": len(facts)}

        return memory


@asynccontextmanager
async def farm(client: Client, db: Database, mind: Mind, world: World) -> AsyncIterator[None]:
    """The sales agent's real worker."""
    its = parts(SALES, db, mind, world.servers(), "C0SALES")
    worker = Worker(
        client,
        task_queue=names.task_queue("sales"),
        workflows=list(its.workflows),
        activities=list(its.activities),
        workflow_runner=sandbox(),
    )
    async with worker:
        yield


async def recorded(client: Client, db: Database, mind: Mind, world: World, decision: Decision | None = None) -> None:
    """Let a run happen, with its one question answered; and let go of it all but the record."""
    async with farm(client, db, mind, world):
        job = RunInput(
            agent="sales", entity=EntityRef(kind="deal", id="42"), number=1, events=(deal_event(1, label="hot"),)
        )
        run = await client.start_workflow(SALES.run_workflow, job, id=RUN, task_queue=names.task_queue("sales"))

        async def question() -> ApprovalRequest | None:
            found = await run.query(names.APPROVALS, result_type=list[ApprovalRequest])
            return found[0] if found else None

        if decision is not None:
            asked = await until(question, "no question was asked")
            await asyncio.sleep(0.2)
            await run.signal(names.DECIDE, decision.model_copy(update={"approval": asked.id}))
        await run.result()


def means(client: Client, db: Database, mind: Mind, world: World) -> Means:
    return Means(db, client, mind, world.servers(), "C0SALES")
