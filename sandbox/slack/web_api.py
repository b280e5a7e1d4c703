"""POST and GET /api/{method}: fault, arguments, token, method, envelope."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.slack import chat, conversations, envelope, modals, people
from sandbox.slack.faults import Fault
from sandbox.slack.sandbox import Sandbox

Json = dict[str, Any]
Method = Callable[[Json], Json]


def methods(sandbox: Sandbox) -> dict[str, Method]:
    workspace = sandbox.workspace
    return {
        "auth.test": partial(people.auth_test, workspace),
        "chat.postEphemeral": partial(chat.post_ephemeral, workspace),
        "chat.postMessage": partial(chat.post_message, workspace),
        "chat.update": partial(chat.update, workspace),
        "conversations.history": partial(conversations.history, workspace),
        "conversations.replies": partial(conversations.replies, workspace),
        "users.info": partial(people.users_info, workspace),
        "views.publish": partial(modals.publish_view, workspace),
        "views.open": partial(modals.open_view, workspace, sandbox.triggers),
    }


async def call(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    name = request.path_params["method"]
    fault = sandbox.faults.next_for(name)
    match fault.mode:
        case "rate-limit":
            return envelope.rate_limited(fault.retry_after)
        case "down":
            return envelope.unavailable()
        case "slow":
            await asyncio.sleep(fault.seconds)
    answer = await _answer(sandbox, name, request)
    return _lost(answer, fault)


async def _answer(sandbox: Sandbox, name: str, request: Request) -> Response:
    try:
        given = await envelope.arguments(request)
        method = _method(sandbox, name)
        envelope.check_token(request, given, sandbox.settings.bot_token)
        return envelope.ok(method(given))
    except envelope.Refusal as refusal:
        return envelope.refused(refusal)


def _method(sandbox: Sandbox, name: str) -> Method:
    method = methods(sandbox).get(name)
    if method is None:
        raise envelope.Refusal("unknown_method")
    return method


def _lost(answer: Response, fault: Fault) -> Response:
    return envelope.unavailable() if fault.mode == "lost-reply" else answer
