"""The crm tools: what an agent can read and change in Pipedrive."""

from functools import partial
from typing import Annotated, Any

from fastmcp import Context, FastMCP
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.names import META_ONCE, META_OUTSIDE
from tool_servers.announcing import Announcer, OwnWrites
from tool_servers.arguments import BadArguments
from tool_servers.crm import activities, deals, fields, mails, notes
from tool_servers.crm.mail import Draft, Mailer
from tool_servers.crm.pipedrive import Pipedrive
from tool_servers.ledger import Ledger, once

NAME = "crm"

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
SETS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False)
SENDS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True)
ONCE = {META_ONCE: True}
# Clients write mails. What the team itself wrote (notes, activities) is no stranger's.
STRANGERS = {META_OUTSIDE: True}
# A mail goes out into the world, and nothing of that comes back in the answer.
SENT = {META_ONCE: True, META_OUTSIDE: False}

DealId = Annotated[int, Field(description="The deal's number in the CRM", ge=1)]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[str, Field(description="A day such as 2026-12-31", pattern=r"^\d{4}-\d{2}-\d{2}$")]
Kind = Annotated[str, Field(description="call, meeting, task, deadline, email or lunch", pattern=r"^[a-z_]+$")]
Address = Annotated[str, Field(description="One e-mail address", pattern=r"^[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+$")]


def build(crm: Pipedrive, mailer: Mailer, ledger: Ledger, writes: OwnWrites) -> FastMCP:
    server: FastMCP = FastMCP(
        NAME, instructions="Read and change deals in Pipedrive, and write to clients.", middleware=[BadArguments()]
    )

    @server.tool(annotations=READS, meta=STRANGERS)
    async def get_deal(deal_id: DealId) -> dict[str, Any]:
        """A deal with its person, organization, stage, owner, labels, open activities and latest mails (heads only)."""
        return await deals.get_deal(crm, deal_id)

    @server.tool(annotations=READS, meta=STRANGERS)
    async def list_mails(deal_id: DealId, limit: Annotated[int, Field(ge=1, le=50)] = 10) -> dict[str, Any]:
        """The deal's mails, newest first: direction, from, to, subject, snippet, body, timestamp (UTC)."""
        return await mails.list_for(crm, deal_id, limit)

    @server.tool(annotations=READS)
    async def search_notes(
        deal_id: DealId, query: Annotated[str, Field(description="Words that must all occur; empty for all")] = ""
    ) -> dict[str, Any]:
        """The team's notes on a deal, newest first."""
        return await notes.search(crm, deal_id, query)

    @server.tool(annotations=READS)
    async def list_activities(deal_id: DealId) -> dict[str, Any]:
        """What is planned for a deal (soonest first) and what was done (latest first)."""
        return await activities.list_for(crm, deal_id)

    @server.tool(annotations=ADDS, meta=ONCE)
    async def add_note(deal_id: DealId, content: Text, ctx: Context) -> dict[str, Any]:
        """Add a note to a deal, for the team to read. Plain text."""
        act = partial(notes.add, crm, Announcer(writes, ctx), deal_id, content)
        find = partial(notes.find, crm, deal_id)
        return await once(ledger, NAME, ctx, act, find)

    @server.tool(annotations=ADDS, meta=ONCE)
    async def create_activity(
        *,
        deal_id: DealId,
        subject: Text,
        type: Kind,  # noqa: A002 - the vendor's name
        due_date: Day,
        note: str = "",
        ctx: Context,
    ) -> dict[str, Any]:
        """Plan an activity on a deal: a call, a meeting, a task."""
        planned = {"subject": subject, "type": type, "due_date": due_date, "note": note}
        act = partial(activities.create, crm, Announcer(writes, ctx), deal_id, planned)
        find = partial(activities.find, crm, deal_id)
        return await once(ledger, NAME, ctx, act, find)

    @server.tool(annotations=SETS, meta=ONCE)
    async def update_deal(
        deal_id: DealId,
        field: Annotated[str, Field(description=f"One of {', '.join(fields.EDITABLE)}")],
        value: Annotated[fields.Value, Field(description="Stage and labels by name; label sets exactly these labels")],
        ctx: Context,
    ) -> dict[str, Any]:
        """Set one field of a deal. Answers its old and new value."""
        announced = Announcer(writes, ctx)
        return await once(
            ledger, NAME, ctx, lambda _key: fields.change(crm, announced, deal_id, field, value), find=None
        )

    @server.tool(annotations=SENDS, meta=SENT)
    async def send_mail(deal_id: DealId, to: Address, subject: Text, body: Text, ctx: Context) -> dict[str, Any]:
        """Send a plain-text mail to a client in the company's name; it is filed under the deal."""
        draft = Draft(to=to, subject=subject, body=body)
        act = partial(mailer.send, Announcer(writes, ctx), deal_id, draft)
        return await once(ledger, NAME, ctx, act, partial(mailer.find, deal_id, draft))

    @server.custom_route("/healthz", methods=["GET"])
    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "service": f"tool-server-{NAME}"})

    return server
