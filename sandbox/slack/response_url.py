"""The address that comes with a click, for answers without a token: replace, delete, or say something."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sandbox.slack import chat
from sandbox.slack.envelope import Refusal, arguments, refused
from sandbox.slack.sandbox import Sandbox

Json = dict[str, Any]


async def answer(request: Request) -> Response:
    """docs.slack.dev/interactivity/handling-user-interaction: "ok" in plain text, or an error envelope."""
    sandbox: Sandbox = request.app.state.sandbox
    place = sandbox.response_urls.get(request.path_params["secret"])
    if place is None:
        return refused(Refusal("used_url"))
    try:
        _carry_out(sandbox, place, await arguments(request))
    except Refusal as refusal:
        return refused(refusal)
    return PlainTextResponse("ok")


def _carry_out(sandbox: Sandbox, place: tuple[str, str, str], given: Json) -> None:
    channel, ts, user = place
    if given.get("delete_original"):
        sandbox.workspace.delete_message(channel, ts)
    elif given.get("replace_original"):
        chat.update(sandbox.workspace, given | {"channel": channel, "ts": ts})
    elif given.get("response_type") == "in_channel":
        chat.post_message(sandbox.workspace, given | {"channel": channel})
    else:
        chat.post_ephemeral(sandbox.workspace, given | {"channel": channel, "user": user})
