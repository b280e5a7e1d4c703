"""A request's body, read within limits of size and time. Each refusal is an HTTP status with its reason."""

import asyncio
import json
from typing import Any

from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from starter.refusals import Refused

LARGEST = 1_000_000
"""Bytes. Pipedrive's webhooks are a few kilobytes; a note's text may have 100,000 characters."""

SLOWEST = 5.0
"""Seconds for the whole body: the sender itself gives up after 10."""

SLACK_SLOWEST = 2.0
"""The same for Slack, which gives up on the whole request after 3."""

JSON = "application/json"
LONGEST_NUMBER = 20
"""Digits of a Content-Length that is read; whatever is longer is found out while reading."""


async def read(request: Request, largest: int = LARGEST, slowest: float = SLOWEST) -> bytes:
    """The body. Refused 413 past `largest` bytes, 408 past `slowest` seconds, 400 when it breaks off."""
    if int(_declared(request)) > largest:
        raise _too_large(largest)
    try:
        async with asyncio.timeout(slowest):
            return await _collect(request, largest)
    except TimeoutError as error:
        raise Refused(408, f"the body did not arrive within {slowest:g} s", "too_slow") from error
    except ClientDisconnect as error:
        raise Refused(400, "the body broke off", "broken_off") from error


async def read_json(request: Request) -> bytes:
    """The body of a request that says it is JSON. Refused 415 for another content type, else as `read`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise Refused(415, f"expected content-type {JSON}, got {media_type[:100] or 'none'}", "content_type")
    return await read(request)


def decoded(body: bytes) -> Any:
    """The JSON in a body. Refused 400 for what isn't JSON, a number past all bounds (`1e999`) included."""
    try:
        value = from_json(body, allow_inf_nan=False)
        json.dumps(value, allow_nan=False)  # the parser lets 1e999 pass as infinite, which no JSON can say again
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {str(error)[:200]}", "malformed") from error
    return value


def _too_large(largest: int) -> Refused:
    return Refused(413, f"the body is larger than {largest} bytes", "too_large")


def _declared(request: Request) -> str:
    length = request.headers.get("content-length", "0")
    return length if length.isascii() and length.isdigit() and len(length) < LONGEST_NUMBER else "0"


async def _collect(request: Request, largest: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise _too_large(largest)
    return bytes(body)
