"""The slack tools: what an agent can say to people, and whom it speaks to."""

from functools import partial
from typing import Annotated, Any

from fastmcp import Context, FastMCP
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tool_servers.arguments import BadArguments
from tool_servers.ledger import Ledger, once
from tool_servers.slack.web_api import Place, WebApi

NAME = "slack"

# An id and not a name: Slack's other methods don't take names.
Channel = Annotated[str, Field(description="Channel id, such as C0SALES", pattern=r"^[CDG][A-Z0-9]+$")]
Timestamp = Annotated[str, Field(description="A message's ts, such as 1764000000.000100", pattern=r"^\d+\.\d+$")]
Text = Annotated[str, Field(description="Text in Slack's mrkdwn; with blocks, what notifications show", min_length=1)]
Blocks = Annotated[list[dict[str, Any]] | None, Field(description="Block Kit blocks, at most 50", max_length=50)]
Aloud = Annotated[bool, Field(description="Of a reply: show it in the channel as well")]


def build(slack: WebApi, ledger: Ledger) -> FastMCP:
    server: FastMCP = FastMCP(
        NAME, instructions="Post and change messages in Slack, and look up people.", middleware=[BadArguments()]
    )

    @server.tool(annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False))
    async def post_message(
        ctx: Context,
        channel: Channel,
        text: Text,
        *,
        blocks: Blocks = None,
        thread_ts: Timestamp | None = None,
        reply_broadcast: Aloud = False,
    ) -> dict[str, Any]:
        """Post a message to a channel, or as a reply in the thread of `thread_ts`. Answers its channel and ts."""
        place = Place(channel, thread_ts, reply_broadcast and thread_ts is not None)
        act, find = partial(slack.post, place, text, blocks), partial(slack.find_post, channel, thread_ts)
        return await once(ledger, NAME, ctx, act, find)

    @server.tool(annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True))
    async def update_message(
        ctx: Context, channel: Channel, ts: Timestamp, text: Text, blocks: Blocks = None
    ) -> dict[str, Any]:
        """Replace a message of the agent's own. Text without blocks takes the old blocks away."""
        return await once(ledger, NAME, ctx, lambda _key: slack.update(channel, ts, text, blocks), find=None)

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    async def get_user(user: Annotated[str, Field(description="User id, such as U0CLAIRE")]) -> dict[str, Any]:
        """Who a user is: name, title, e-mail, time zone."""
        return await slack.user(user)

    @server.custom_route("/healthz", methods=["GET"])
    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "service": f"tool-server-{NAME}"})

    return server
