"""A message out of the events of its stream. Pure.

Order and fields: https://platform.claude.com/docs/en/build-with-claude/streaming
"""

import json
from collections.abc import Iterator
from math import ceil
from typing import Any

Plain = dict[str, Any]

BYTES_PER_TOKEN = 4
"""About what prose has: a guess, for what the vendor hasn't counted yet."""

_GROWS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}
"""Kinds of delta, and the field that has the piece."""

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class Broken(Exception):
    """The stream said that no more comes, or something that nobody can read. `status`: as if it had come at once."""

    def __init__(self, message: str, kind: str = "api_error") -> None:
        super().__init__(message)
        self.kind = kind
        self.status = _STATUS.get(kind, 500)


class Frames:
    """Events out of bytes that come in pieces."""

    def __init__(self) -> None:
        self._left = b""

    def read(self, piece: bytes) -> Iterator[Plain]:
        """Those that are whole by now. Raises `Broken` for one that is no JSON."""
        *lines, self._left = (self._left + piece).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            if line.startswith(b"data:") and (told := line[5:].strip()) and told != b"[DONE]":
                try:
                    event = json.loads(told)
                except ValueError as error:
                    raise Broken("the stream has an event that is no JSON") from error
                if isinstance(event, dict):
                    yield event


class Pieces:
    """One message, as far as it has come."""

    def __init__(self) -> None:
        self._message: Plain = {}
        self._blocks: dict[int, Plain] = {}
        self._written: dict[int, str] = {}
        self._counted = False
        self.whole = False

    def add(self, event: Plain) -> int:
        """How many characters of the answer came with it. Raises `Broken` for an error."""
        match event.get("type"):
            case "message_start":
                self._message = dict(event["message"])
            case "content_block_start":
                self._blocks[event["index"]] = dict(event["content_block"])
            case "content_block_delta":
                return self._grow(event["index"], event["delta"])
            case "message_delta":
                self._message.update(event["delta"])
                told = _known(event.get("usage") or {})
                self._message["usage"] = {**self._message.get("usage", {}), **told}
                self._counted = self._counted or "output_tokens" in told
            case "message_stop":
                self.whole = True
            case "error":
                error = event.get("error") or {}
                raise Broken(
                    str(error.get("message") or "the vendor's stream ended in an error"), str(error.get("type"))
                )
        return 0

    def message(self) -> Plain:
        """As the vendor had answered it whole. Raises `Broken` for a tool's arguments that nobody can read."""
        for index, written in self._written.items():
            try:
                self._blocks[index]["input"] = json.loads(written or "{}")
            except ValueError as error:
                raise Broken("the stream ended within a tool's arguments") from error
        return {**self._message, "content": [self._blocks[index] for index in sorted(self._blocks)]}

    def usage(self) -> Plain:
        """As far as it has come: nothing before the vendor has begun.

        What it wrote it counts at the end; until then its tokens are guessed by what came.
        """
        told = _known(self._message.get("usage") or {})
        if not told or self._counted:
            return told
        return {**told, "output_tokens": max(told.get("output_tokens") or 0, ceil(self._size() / BYTES_PER_TOKEN))}

    def _size(self) -> int:
        """Bytes that a model wrote. A signature is the vendor's."""
        texts = [str(block.get(name, "")) for block in self._blocks.values() for name in ("text", "thinking")]
        return sum(len(text.encode("utf-8", "surrogatepass")) for text in (*texts, *self._written.values()))

    def _grow(self, index: int, delta: Plain) -> int:
        if delta.get("type") == "citations_delta":
            block = self._blocks[index]
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
            return 0
        field = _GROWS.get(str(delta.get("type")), "")
        piece = str(delta.get(field, ""))
        if field == "partial_json":
            self._written[index] = self._written.get(index, "") + piece
        elif field:
            self._blocks[index][field] = self._blocks[index].get(field, "") + piece
        return len(piece)


def _known(usage: Plain) -> Plain:
    return {name: value for name, value in usage.items() if value is not None}
