"""What of a run's trace has arrived in Phoenix? Asked of its own REST API (`/v1/projects/{project}/spans`)."""

import asyncio
import contextlib
import time
from collections import Counter

import httpx

from telemetry.setup import PROJECT

EVERY = 1.0
MOST = 1000
"""Spans of one answer: Phoenix gives no more, and a run of the demo has some sixty."""


async def arrived(phoenix: str, trace_id: str, seconds: float, *, calls: int) -> dict[str, int]:
    """Kind -> number of spans, once the run's own span is there and one for each of `calls` model calls: what nobody
    waited for is thought when the run has ended.

    What there is after so many seconds, and nothing where the run's own span isn't among it.
    """
    deadline = time.monotonic() + seconds
    spans: Counter[str] = Counter()
    async with httpx.AsyncClient(base_url=phoenix, timeout=5, trust_env=False) as http:
        while time.monotonic() < deadline:
            spans = await _spans(http, trace_id)
            if spans["AGENT"] and spans["LLM"] >= calls:
                break
            await asyncio.sleep(EVERY)
    return dict(spans) if spans["AGENT"] else {}


async def _spans(http: httpx.AsyncClient, trace_id: str) -> Counter[str]:
    with contextlib.suppress(httpx.HTTPError):
        answer = await http.get(f"/v1/projects/{PROJECT}/spans", params={"trace_id": trace_id, "limit": MOST})
        if answer.is_success:
            return Counter(span["span_kind"] for span in answer.json()["data"])
    return Counter()
