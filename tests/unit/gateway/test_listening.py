"""What a worker asks the gateway of its calls under way."""

import asyncio

import httpx2
import pytest

from gateway.calls import listening
from tests.unit.gateway.test_client import FakeProxy

HEARD = {"run-1/plan-1": {"asked_s": 62.0, "sent_s": 62.0, "streams": True, "new_field": 1}}


async def test_a_calls_news_are_told_in_words():
    """Of the one asked for; a field that this version doesn't know is no trouble."""
    gateway = FakeProxy(lambda _: httpx2.Response(200, json=HEARD)).gateway()
    assert await gateway.listening.told("run-1/plan-1") == "asked 62 s ago, and no word of the answer yet"
    assert await gateway.listening.told("run-2/plan-1") == ""


async def test_all_calls_of_a_worker_ask_together():
    """Hundreds wait at a time: the gateway is asked once for them all, and again when that is old."""
    proxy = FakeProxy(lambda _: httpx2.Response(200, json=HEARD))
    gateway = proxy.gateway()
    await asyncio.gather(*(gateway.listening.told(f"run-{number}/plan-1") for number in range(100)))
    assert len(proxy.requests) == 1
    assert "sk-sales" in proxy.requests[0].headers.get("authorization", "")
    gateway.listening._asked_at -= listening.FRESH_S
    await gateway.listening.told("run-1/plan-1")
    assert len(proxy.requests) == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx2.ConnectError("refused"), "the gateway doesn't answer"),
        (httpx2.Response(404), ""),
        (httpx2.Response(200, text="<html>"), ""),
    ],
    ids=["nobody there", "another gateway", "something else"],
)
async def test_a_gateway_that_is_gone_is_told_from_one_that_knows_nothing(answer, told):
    """Neither is a failure of the call that waits."""

    def speak(_: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await FakeProxy(speak).gateway().listening.told("run-1/plan-1") == told
