"""A request's body, read within limits of size and time. Each refusal is an HTTP status with its reason."""

import asyncio
from typing import Any

from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

LARGEST = 1_000_000
"""Bytes. Pipedrive's webhooks are a few kilobytes; a note's text may have 100,000 characters."""

SLOWEST = 5.0
"""Seconds for the whole body: the sender itself gives up after 10."""


async def read(request: Request, largest: int = LARGEST) -> bytes:
    """The body. HTTPException 413 past `largest` bytes, 408 past `SLOWEST` seconds, 400 when it breaks off."""
    if int(_declared(request)) > largest:
        raise HTTPException(413, f"the body is larger than {largest} bytes")
    try:
        async with asyncio.timeout(SLOWEST):
            return await _collect(request, largest)
    except TimeoutError as error:
        raise HTTPException(408, f"the body did not arrive within {SLOWEST:g} s") from error
    except ClientDisconnect as error:
        raise HTTPException(400, "the body broke off") from error


async def read_json(request: Request) -> Any:
    """The decoded JSON. HTTPException 415 for another content type, 400 for text that isn't JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, f"expected content-type application/json, got {media_type or 'none'}")
    body = await read(request)
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error


def _declared(request: Request) -> str:
    length = request.headers.get("content-length", "0")
    return length if length.isascii() and length.isdigit() else "0"


async def _collect(request: Request, largest: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise HTTPException(413, f"the body is larger than {largest} bytes")
    return bytes(body)
