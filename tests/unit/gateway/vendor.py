"""What stands behind the gateway's front in these tests: an application that answers as it is told, and counts."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
from starlette.types import Message, Receive, Scope, Send

from gateway.door.front import Front
from gateway.door.kept import IN_MEMORY, Kept

HEADERS = {"content-type": "application/json", "x-litellm-model-id": "abc", "x-litellm-response-cost": "0.0042"}
STREAM = {**HEADERS, "content-type": "text/event-stream; charset=utf-8"}
URL = "http://gateway"
PATH = "/v1/messages"
LATER_S = 0.02


class Vendor:
    """An ASGI application. `does` is asked for each call what to do: `answer`, a status, `raise`, `cut`, ..."""

    def __init__(self, does: Callable[[int], str] = lambda _: "answer", retry_after: str = "0") -> None:
        self._does = does
        self.retry_after = retry_after
        self.asked: list[dict[str, Any]] = []
        self.answered = 0
        self.at_once = 0
        self.most_at_once = 0
        self.reached = asyncio.Event()
        self.going = asyncio.Event()
        self.going.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        self.asked.append(json.loads(message["body"] or b"{}"))
        self.reached.set()
        number = len(self.asked)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self._act(self._does(number), number, send)
        finally:
            self.at_once -= 1

    async def _act(self, what: str, number: int, send: Send) -> None:
        await self.going.wait()
        match what:
            case "answer" | "slow":
                await asyncio.sleep(LATER_S if what == "slow" else 0)
                self.answered += 1
                await _say(send, 200, HEADERS, json.dumps({"id": f"msg_{number}"}).encode())
            case "stream":
                self.answered += 1
                await _say(send, 200, STREAM, b"event: message_start\n\n", b"event: message_stop\n\n")
            case "broken stream":
                await _say(send, 200, STREAM, b"event: message_start\n\n", b"event: error\n\n")
            case "cut":
                await _say(send, 200, HEADERS, b'{"id": ', b"", whole=False)
            case "cut stream":
                await _say(send, 200, STREAM, b"event: message_start\n\n")
            case "raise":
                raise RuntimeError("the proxy has a bug")
            case status:
                await _say(send, int(status), {**HEADERS, "retry-after": self.retry_after}, b'{"error": {}}')


async def _say(send: Send, status: int, headers: dict[str, str], *pieces: bytes, whole: bool = True) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    for number, piece in enumerate(pieces, start=1):
        await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces) or not whole})


async def lets_in(request: object, key: str) -> bool:
    return key.startswith("sk-")


class House:
    """The front before a vendor, and its callers."""

    def __init__(self, vendor: Vendor, file: str = IN_MEMORY, *, at_once: int = 64, kept: Kept | None = None) -> None:
        self.kept = kept or Kept(file, 60, 1_000_000)
        self.front = Front(vendor, self.kept, lets_in, {"*": at_once}, drain_s=5)

    async def ask(
        self, call: str = "run-1/triage-1", said: str = "hello", key: str = "sk-sales", role: str = "triage"
    ) -> httpx.Response:
        """One attempt. An answer that breaks off is an httpx error, as on a real connection."""
        headers = {"authorization": f"Bearer {key}"} | ({"idempotency-key": call} if call else {})
        async with httpx.AsyncClient(transport=Wire(self.front), base_url=URL) as client:
            return await client.post(PATH, json={"model": role, "said": said}, headers=headers)

    async def vendors(self) -> dict[str, Any]:
        async with httpx.AsyncClient(transport=Wire(self.front), base_url=URL) as client:
            return (await client.get("/farm/vendors")).json()

    def close(self) -> None:
        self.kept.close()


class Wire(httpx.AsyncBaseTransport):
    """ASGI without a socket. httpx's own takes an answer that breaks off for a whole one."""

    def __init__(self, app: Front) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        said: list[Message] = []
        body = await request.aread()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": request.method,
            "path": request.url.path,
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }
        await self._app(scope, receive, send)
        if not said or said[-1].get("more_body", said[-1]["type"] != "http.response.body"):
            raise httpx.RemoteProtocolError("the answer broke off", request=request)
        content = b"".join(message.get("body", b"") for message in said[1:])
        return httpx.Response(said[0]["status"], headers=said[0]["headers"], content=content, request=request)
