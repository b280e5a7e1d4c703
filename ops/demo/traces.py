"""Has a run's trace arrived in Phoenix? Asked of Phoenix's own REST API (`/v1/projects/{project}/spans`)."""

import asyncio
import contextlib
import time

import httpx

PROJECT = "farmstead"
EVERY = 1.0


async def has_arrived(phoenix: str, trace_id: str, seconds: float) -> bool:
    """Whether the run's own span, which is exported last, is there within so many seconds."""
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=phoenix, timeout=5, trust_env=False) as http:
        while time.monotonic() < deadline:
            if await _is_there(http, trace_id):
                return True
            await asyncio.sleep(EVERY)
    return False


async def _is_there(http: httpx.AsyncClient, trace_id: str) -> bool:
    asked = {"trace_id": trace_id, "span_kind": "AGENT", "limit": "1"}
    with contextlib.suppress(httpx.HTTPError):
        answer = await http.get(f"/v1/projects/{PROJECT}/spans", params=asked)
        return answer.is_success and bool(answer.json()["data"])
    return False
