"""Faults on order, for tests: the next calls of a path fail, are slow, or are done and then answered with a failure."""

import asyncio

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.crm.envelopes import ERROR_INFO


class Fault(BaseModel):
    """`times` calls whose path begins with `path_prefix` (and whose method is `method`, where given) meet it."""

    model_config = ConfigDict(extra="forbid")

    status: int | None = Field(default=None, ge=400, le=599)
    """The answer; None only delays."""

    times: int = Field(default=1, ge=1)
    delay_ms: int = Field(default=0, ge=0)
    path_prefix: str = "/"
    method: str = ""
    retry_after: int | None = None
    done: bool = False
    """True: the call takes effect and its answer is lost on the way, as when a connection dies."""


class Faults:
    """The ordered faults, and the ASGI layer in front of the API that plays them."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def middleware(self, app: ASGIApp) -> ASGIApp:
        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            fault = self._take(scope)
            if fault is None:
                await app(scope, receive, send)
                return
            await asyncio.sleep(fault.delay_ms / 1000)
            if fault.done and fault.status:
                await app(scope, receive, _swallow)
            await (_answer(fault) if fault.status else app)(scope, receive, send)

        return faulty

    def _take(self, scope: Scope) -> Fault | None:
        if scope["type"] != "http" or scope["path"].startswith(("/sandbox", "/healthz")):
            return None
        fault = next((order for order in self.orders if _meets(order, scope)), None)
        if fault is not None:
            fault.times -= 1
            self.orders = [order for order in self.orders if order.times > 0]
        return fault


def _meets(fault: Fault, scope: Scope) -> bool:
    return scope["path"].startswith(fault.path_prefix) and fault.method in ("", scope["method"])


def _answer(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    body = {"success": False, "error": "fault on order", "errorCode": fault.status, "error_info": ERROR_INFO}
    return JSONResponse(body, fault.status or 500, headers)


async def _swallow(message: Message) -> None:
    """Where an answer goes that nobody will read."""
