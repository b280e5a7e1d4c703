"""What every API call passes: token, rate limit, the vendor's envelope around whatever goes wrong."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.crm.changes import Actor
from sandbox.crm.crm import Crm
from sandbox.crm.envelopes import failure
from sandbox.crm.limits import Limits, OverLimit, cost
from sandbox.crm.refusals import Invalid, Refused

# Who calls with which token. In the real thing a token belongs to one user of one company; so here.
TOKENS = {
    "sandbox-agent-token": 90,
    "sandbox-token-claire": 11,
    "sandbox-token-tom": 12,
    "sandbox-token-ines": 13,
}


@dataclass(frozen=True)
class Call:
    """One authenticated API call."""

    request: Request
    crm: Crm
    actor: Actor

    @property
    def id(self) -> int:
        return int(self.request.path_params["id"])

    async def body(self) -> Any:
        try:
            return json.loads(await self.request.body() or b"{}")
        except ValueError:
            raise Invalid("Validation failed: body: is no JSON") from None


Endpoint = Callable[[Call], Awaitable[Response]]


def door(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint behind token and limits."""

    async def opened(request: Request) -> Response:
        limits: Limits = request.app.state.limits
        token = request.headers.get("x-api-token") or request.query_params.get("api_token", "")
        if token not in TOKENS:
            return failure(Refused(401, "unauthorized access"))
        try:
            headers = limits.count(token, cost(request))
        except OverLimit as over:
            refused = failure(over)
            refused.headers.update({**limits.headers(token), "retry-after": str(over.retry_after)})
            return refused
        answer = await _answer(endpoint, Call(request, request.app.state.crm, Actor(TOKENS[token])))
        answer.headers.update(headers)
        return answer

    return opened


async def _answer(endpoint: Endpoint, call: Call) -> Response:
    try:
        return await endpoint(call)
    except Refused as refused:
        return failure(refused)
