"""Where keys, limits and the book meet the proxy: a call is let out by the book, and what it came to is entered.

LiteLLM's own limits are off without its database, some of them silently, so nothing here rests on them. Its hook says
who asks for what before a call goes out. What the call came to is read from its answer (gateway/proxy/answered.py),
or else LiteLLM's success event says it, after the answer has gone: off its path. The ASGI wrapper around it all sees
how each request ends.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from litellm.integrations.custom_logger import CustomLogger  # type: ignore[import-not-found]
from litellm.proxy._types import ProxyException, UserAPIKeyAuth  # type: ignore[import-not-found]
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.accounts import batched
from gateway.accounts.admission import Refusal, let_out
from gateway.accounts.book import BookAway, Entries
from gateway.accounts.desk import Desk
from gateway.accounts.paid import difference, paid
from gateway.accounts.spend import Asked, Paid, break_off, give_up, settle
from gateway.prices import pricing
from gateway.prices.money import picodollars
from gateway.prices.most import at_most
from gateway.proxy import batches, broken
from gateway.proxy.auth import BATCHES, KEY_ID
from gateway.proxy.followed import Request, followed
from gateway.proxy.streamed import BROKE_OFF

log = logging.getLogger(__name__)

OPERATOR = "operator"
"""In whose name the master key spends."""

STEERING = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
"""What a caller might say to be answered by a model that its key may not ask for."""

TRIES_S = (0, 1, 4, 15)
"""Pauses before each try to enter what a call came to."""

DRAIN_S = 5


class Fence(CustomLogger):  # type: ignore[misc]  # untyped here
    """LiteLLM's callbacks, with the book."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._open: set[str] = set()
        self._entering: set[asyncio.Task[None]] = set()

    async def async_pre_call_hook(
        self, user_api_key_dict: UserAPIKeyAuth, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """Let the call out, or refuse it."""
        del cache, call_type
        request = followed.get()
        if request is None:
            return data
        request.agent = user_api_key_dict.user_id or OPERATOR
        if request.entered or not request.asks:
            return data
        if why := _unclear(data):
            raise _refused(why)
        asked = _asked(user_api_key_dict, data, request)
        admitted = _admission(asked, data, request)
        if isinstance(admitted, Refusal):
            raise _refused(admitted)
        # before the book is asked: whoever is cancelled meanwhile may be in it already
        request.entered = asked.id
        self._open.add(asked.id)
        try:
            refusal = await self._desk.write(admitted)
        except BookAway as away:
            refusal = Refusal(503, str(away), retry_after_s=5)
        if refusal:
            self._open.discard(asked.id)
            request.entered, request.in_batch = "", ()
            raise _refused(refusal)
        return data

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Enter what the call came to. LiteLLM gives this little time, so it is done beside it."""
        del response_obj, start_time, end_time
        request = followed.get()
        if request is None or not request.entered or request.broke_off:
            return
        came_to = paid(kwargs)
        if request.looked_at is not None and (odd := difference(request.looked_at, came_to)):
            log.warning("LiteLLM and our own price list differ over an answer of %s: %s", came_to.model, odd)
        self._settle(request.entered, came_to)

    def ended(self, request: Request) -> None:
        """A request is answered. Where its answer said what it came to, or brought an error, nothing more is heard."""
        call = request.entered
        if call and request.says is not None:
            self._settle(call, request.says)
        elif call in self._open and (request.status is None or request.status >= HTTPStatus.BAD_REQUEST):
            self._beside(call, _failed(request))
        if request.in_batch and (work := _submitted(request)):
            self._beside("", work)
        elif request.status == HTTPStatus.OK and (batch := batches.batch_of(request.path)):
            self._beside("", _read(request, batch))

    async def drain(self) -> None:
        """Wait, not for long, until what was let out is entered."""
        for _ in range(DRAIN_S * 20):
            if not self._open and not self._entering:
                break
            await asyncio.sleep(0.05)
        self._desk.close()

    def _settle(self, call: str, came_to: Paid) -> None:
        self._beside(call, lambda entries: settle(entries, call, came_to))

    def _beside(self, call: str, work: Callable[[Entries], None]) -> None:
        task = asyncio.create_task(self._enter(call, work))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _enter(self, call: str, work: Callable[[Entries], None]) -> None:
        for pause in TRIES_S:
            await asyncio.sleep(pause)
            try:
                await self._desk.write(work)
                break
            except BookAway as away:
                log.warning("a call's end is not entered yet: %s", away)
        else:
            lost = call or "what went in a batch"
            log.error("a call's end could not be entered: %s counts as lost, at the most that it can have cost", lost)
        self._open.discard(call)


def fenced(app: ASGIApp, fence: Fence) -> ASGIApp:
    """Wrap the proxy so that each request is followed to its end, also where its client isn't there any more."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, _draining(receive, fence.drain), send)
            return
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        path = str(scope["path"])
        asks = scope["method"] == "POST" and not path.startswith(f"{BATCHES}/")  # a batch is called off for nothing
        request = Request(int(length) if length.isdecimal() else None, asks, path=path)
        followed.set(request)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = message["status"]
                headers = Headers(raw=message["headers"])
                request.broke_off, request.came_to = BROKE_OFF in headers, broken.came_to(headers)
            elif request.reads:
                request.told.append(message.get("body", b""))
            await send(message)

        try:
            await app(scope, _to_the_end(receive), noting)
        finally:
            fence.ended(request)

    return serve


def _to_the_end(receive: Receive) -> Receive:
    """A client that leaves after it has asked isn't told of: its call goes on, for it is paid for, and is counted."""
    asked = False

    async def listen() -> Message:
        nonlocal asked
        message = await receive()
        if message["type"] == "http.request":
            asked = not message.get("more_body", False)
        elif message["type"] == "http.disconnect" and asked:
            await asyncio.Event().wait()
        return message

    return listen


def _draining(receive: Receive, drain: Callable[[], Awaitable[None]]) -> Receive:
    async def listen() -> Message:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await drain()
        return message

    return listen


def _asked(who: UserAPIKeyAuth, data: dict[str, Any], request: Request) -> Asked:
    role = str(data.get("model", ""))
    model, most, tokens = at_most(role, data, request.size)
    return Asked(
        id=uuid4().hex,
        call_id=str(data.get("litellm_call_id") or ""),
        key_id=str((who.metadata or {}).get(KEY_ID, "")) or "master",
        agent=who.user_id or OPERATOR,
        role=role,
        model=model,
        reserved=most,
        input_tokens=tokens,
    )


def _admission(
    asked: Asked, data: Mapping[str, Any], request: Request
) -> Callable[[Entries], Refusal | None] | Refusal:
    """What lets the call out, where it can be read."""
    if not request.submits:
        return lambda entries: let_out(entries, asked)
    requests = batches.requested(data, asked)
    if isinstance(requests, Refusal):
        return requests
    request.in_batch = tuple(each.asked.id for each in requests)
    return lambda entries: batched.let_out(entries, asked, requests)


def _failed(request: Request) -> Callable[[Entries], None]:
    """What a call came to that brought an error."""
    call, came_to = request.entered, request.came_to
    if came_to is None:
        return lambda entries: give_up(entries, call)
    return lambda entries: break_off(entries, call, came_to)


def _submitted(request: Request) -> Callable[[Entries], None] | None:
    """What a submission's answer says of its requests. A server's error, or none at all, says nothing."""
    calls, status = request.in_batch, request.status or 0
    if status == HTTPStatus.OK and (batch := batches.named(b"".join(request.told))):
        return lambda entries: batched.taken(entries, calls, batch)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.REQUEST_TIMEOUT:
        return lambda entries: batched.not_taken(entries, calls)
    return None


def _read(request: Request, batch: str) -> Callable[[Entries], None]:
    """What a batch's results say that its requests came to."""
    found, agent = batches.results(b"".join(request.told)), request.agent

    def cost(model: str, usage: batched.Usage) -> int:
        return picodollars(pricing.cost_in_batch(model, usage))

    return lambda entries: batched.settle(entries, agent, batch, found, cost)


def _unclear(data: dict[str, Any]) -> Refusal | None:
    """A request whose model isn't one name: several would be several calls, and one of them counted."""
    role = data.get("model", "")
    if not isinstance(role, str) or "," in role:
        return Refusal(400, "the gateway takes one role in `model`, not several")
    if said := [name for name in STEERING if data.get(name)]:
        return Refusal(400, f"the gateway's configuration says who stands by for a role: leave out {', '.join(said)}")
    return None


def _refused(why: Refusal) -> ProxyException:
    return ProxyException(
        message=why.message,
        type=_TYPES.get(why.status, "api_error"),
        param="",
        code=why.status,
        headers={} if why.retry_after_s is None else {"retry-after": str(why.retry_after_s)},
    )


_TYPES = {400: "invalid_request_error", 402: "budget_exceeded", 403: "permission_error", 429: "rate_limit_error"}
