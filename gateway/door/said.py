"""An answer as ASGI messages: whether it is a good one, and as bytes for keeping. Pure."""

import json
from base64 import b64decode, b64encode
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Message

HOW = "x-farm-once"
"""The header that says how a logical call was answered: `paid` now, `kept` from before, `joined` to one under way."""

_STREAM = "text/event-stream"
_STREAM_ENDS = (b"message_stop", b"[DONE]")
_STREAM_FAILS = b"event: error"
_END = 1000
"""Bytes at the end of a stream in which its last event stands."""


def ends(message: Message) -> bool:
    """Whether nothing comes after it."""
    return message["type"] == "http.response.body" and not message.get("more_body")


def is_good(said: list[Message]) -> bool:
    """Whether a whole answer is one that was paid for. A failure never is, nor a stream that stopped in the middle."""
    start = said[0]
    if start["status"] >= HTTPStatus.MULTIPLE_CHOICES or not ends(said[-1]):
        return False
    if not Headers(raw=start["headers"]).get("content-type", "").startswith(_STREAM):
        return True
    body = _body(said)
    return _STREAM_FAILS not in body and any(word in body[-_END:] for word in _STREAM_ENDS)


def packed(said: list[Message]) -> bytes:
    """The answer as one text."""
    headers = [[part.decode("latin-1") for part in pair] for pair in said[0]["headers"]]
    return json.dumps([said[0]["status"], headers, b64encode(_body(said)).decode()]).encode()


def unpacked(text: bytes) -> list[Message]:
    """What `packed` made, byte for byte."""
    status, headers, body = json.loads(text)
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return answer(status, raw, b64decode(body))


def answer(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> list[Message]:
    """A whole answer."""
    return [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body, "more_body": False},
    ]


def refusal(status: int, kind: str, message: str, retry_after_s: float | None = None) -> list[Message]:
    """The gateway's own no, in the envelope of Anthropic's."""
    body = json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after_s is not None:
        headers.append((b"retry-after", f"{retry_after_s:.1f}".encode()))
    return answer(status, headers, body)


def sorry() -> list[Message]:
    """For a call that brought nothing at all."""
    return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "api_error", "The gateway broke off; its log says why.")


def saying(how: str, message: Message) -> Message:
    """The message, with `how` in its headers where it has some. The one that is kept stays as it was."""
    if message["type"] != "http.response.start":
        return message
    return {**message, "headers": [*message["headers"], (HOW.encode(), how.encode())]}


def _body(said: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in said[1:])
