"""An answer that is asked for whole is streamed from its vendor, listened to, and given whole.

So the gateway knows a slow vendor from one that stands still, and nobody behind it has to: one request, one answer with
its cost, kept and counted as any other. Once a stream has begun, LiteLLM can no longer tell who answered, what it cost
or what went wrong; by the time this answers, all of it is known.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.door.asked import Asked, read
from gateway.door.said import answer, ends
from gateway.door.under_way import heard
from gateway.models.patience import Patience
from gateway.proxy.pieces import Broken, Frames, Pieces

Note = Callable[[dict[str, Any]], str]
"""Told of a message that was put together; says which model answered."""

MESSAGES = "/v1/messages"
BROKE_OFF = "x-farm-broke-off"
"""On the error that a stream ended in: what had been used by then, as JSON, in the vendor's words; `{}` where it hadn't
begun.
"""

_STREAM = "text/event-stream"
_OF_THE_STREAM = (
    "content-type",
    "content-length",
    "transfer-encoding",
    "x-litellm-response-cost",
    "x-litellm-model-api-base",
)
"""Headers that don't hold of the whole answer, by how they begin. A stream's cost is said to be nothing."""


def streamed(app: ASGIApp, patience: Mapping[str, Patience], note: Note) -> ASGIApp:
    """Wrap the proxy: calls to whoever is in `patience`, unless the caller wants the stream itself."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != MESSAGES or not patience:
            await app(scope, receive, send)
            return
        asked = await read(scope, receive)
        if asked is None:
            return
        body = _body(asked)
        its = patience.get(asked.role)
        if its is None or body.get("stream"):
            await app(scope, asked.again(), send)
            return
        listener = _Listener(its, note)
        for message in await listener.ask(app, _to_stream(asked, body)):
            await send(message)

    return serve


class _Listener:
    """To one answer."""

    def __init__(self, patience: Patience, note: Note) -> None:
        self._patience = patience
        self._note = note
        self._said: list[Message] = []
        self._frames, self._pieces = Frames(), Pieces()
        self._characters = 0
        self._heard = heard()
        loop = asyncio.get_running_loop()
        self._clock = loop.time
        self._broken: asyncio.Future[Broken] = loop.create_future()
        self._asked = self._begun = self._last = loop.time()

    async def ask(self, app: ASGIApp, asked: Asked) -> list[Message]:
        """The whole answer, or an error as if it had come at once."""
        if self._heard:
            self._heard.streams()
        asking = asyncio.ensure_future(app(asked.scope, asked.again(), self._hear))
        try:
            await self._end_of(asking)
            return self._whole()
        except Broken as broken:
            return self._error(broken)
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await asking

    async def _end_of(self, asking: "asyncio.Future[None]") -> None:
        """Raises `Broken` where the vendor says nothing for too long, or the proxy breaks off."""
        waited: list[asyncio.Future[Any]] = [asking, self._broken]
        while not asking.done():
            left = self._until() - self._clock()
            if left <= 0:
                raise Broken(self._silence(), "timeout_error")
            # looked at again in time: with the first word another limit holds
            left = min(left, self._patience.stall_s)
            await asyncio.wait(waited, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if self._broken.done():
                raise self._broken.result()
        if error := asking.exception():
            raise Broken(f"the vendor's stream broke off: {error!r}"[:300])

    def _until(self) -> float:
        """A proxy that hasn't begun to answer has a timeout of its own, and more to say of it."""
        if not self._said:
            return self._asked + self._patience.begin_s
        if not self._characters:
            return self._begun + self._patience.first_s
        return self._last + self._patience.stall_s

    def _silence(self) -> str:
        if not self._said:
            return f"nothing came from the vendor within {self._patience.begin_s:g} s"
        if not self._characters:
            return f"the vendor began no answer within {self._patience.first_s:g} s"
        told = f"after {self._characters} characters of the answer"
        return f"the vendor's stream stood still for {self._patience.stall_s:g} s, {told}"

    async def _hear(self, message: Message) -> None:
        self._last = self._clock()
        if not self._said:
            self._begun = self._last
        self._said.append(message)
        if not self._streams or message["type"] != "http.response.body":
            return
        try:
            self._read(message.get("body", b""))
        except Broken as broken:
            self._broken.set_result(broken)
            # held here until it is cut off: a stream that came to its end LiteLLM counts as an answer, and as paid
            await asyncio.Event().wait()

    def _read(self, piece: bytes) -> None:
        for event in self._frames.read(piece):
            new = self._pieces.add(event)
            self._characters += new
            if self._heard:
                self._heard.sign(new)

    @property
    def _streams(self) -> bool:
        start = self._said[0]
        return start["status"] < HTTPStatus.MULTIPLE_CHOICES and (
            Headers(raw=start["headers"]).get("content-type", "").startswith(_STREAM)
        )

    def _whole(self) -> list[Message]:
        if not self._said or not self._streams:
            return self._said  # the proxy's own no, or an answer that came whole nevertheless
        if not ends(self._said[-1]) or not self._pieces.whole:
            raise Broken("the vendor's stream broke off in the middle")
        message = self._pieces.message()
        message["model"] = self._note(message)
        return self._answer(HTTPStatus.OK, message)

    def _error(self, broken: Broken) -> list[Message]:
        body = {"type": "error", "error": {"type": broken.kind, "message": str(broken)}}
        return self._answer(broken.status, body, {BROKE_OFF: json.dumps(self._pieces.usage())})

    def _answer(self, status: int, body: Mapping[str, Any], more: Mapping[str, str] | None = None) -> list[Message]:
        told = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        begun = Headers(raw=self._said[0]["headers"]).items() if self._said else ()
        headers = MutableHeaders({name: value for name, value in begun if not name.startswith(_OF_THE_STREAM)})
        headers.update(more or {})
        headers["content-type"], headers["content-length"] = "application/json", str(len(told))
        return answer(status, headers.raw, told)


def _body(asked: Asked) -> dict[str, Any]:
    try:
        body = json.loads(asked.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _to_stream(asked: Asked, body: Mapping[str, Any]) -> Asked:
    text = json.dumps({**body, "stream": True}).encode()
    headers = MutableHeaders(raw=list(asked.scope["headers"]))
    headers["content-length"] = str(len(text))
    return Asked({**asked.scope, "headers": headers.raw}, text)
