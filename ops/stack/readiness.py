"""Is a part ready? By HTTP, or by a TCP connection."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import httpx

EVERY = 0.15
"""Seconds between two looks."""

_ONE_LOOK = 2.0
"""Seconds that one look may take."""


async def is_ready(address: str) -> bool:
    """`http://...` answers 2xx; `tcp://host:port` accepts a connection; an empty address is always ready."""
    if not address:
        return True
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        return await _accepts(parts.hostname or "", parts.port or 0)
    return await _answers(address)


async def until_ready(address: str) -> None:
    while not await is_ready(address):  # noqa: ASYNC110  another process can't set our event
        await asyncio.sleep(EVERY)


async def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        async with httpx.AsyncClient(timeout=_ONE_LOOK, trust_env=False) as client:
            return (await client.get(url)).is_success
    return False


async def _accepts(host: str, port: int) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), _ONE_LOOK)
        writer.close()
        return True
    return False
