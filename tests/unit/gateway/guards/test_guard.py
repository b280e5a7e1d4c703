"""The client's guardrails: what of a request leaves, and what is told of the rest."""

import json
from typing import Any

import httpx2
import pytest

from contracts.guards import Guards
from gateway.calls.batches import in_batch
from gateway.calls.call import Answer, Call
from gateway.calls.client import Gateway
from gateway.guards.guard import Guard
from tests.unit.gateway.test_client import HEADERS, MESSAGE

CARD = "4111 1111 1111 1111"


def asks(*said: str, **more: Any) -> Call:
    messages = tuple({"role": "user", "content": [{"type": "text", "text": each}]} for each in said)
    of_run = {"call_id": "sales:deal:42/run-1/triage-1", "tags": {"run": "sales:deal:42/run-1"}}
    return Call.model_validate({"role": "triage", "system": "You sort.", "messages": messages, **of_run, **more})


class Proxy:
    """The gateway as far as the client sees it: keeps what was sent, answers with these blocks."""

    def __init__(self, *content: dict[str, Any]) -> None:
        self.content = list(content) or MESSAGE["content"]
        self.sent: list[httpx2.Request] = []

    async def complete(self, call: Call, guards: Guards = Guards()) -> Answer:  # noqa: B008  frozen
        client = Gateway("http://gateway", "k", transport=httpx2.MockTransport(self._answer), guards=guards)
        try:
            return await client.complete(call)
        finally:
            await client.close()

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return httpx2.Response(200, json={**MESSAGE, "content": self.content}, headers=HEADERS)

    def said(self) -> str:
        return json.dumps(json.loads(self.sent[-1].content)["messages"], ensure_ascii=False)


async def test_no_secret_leaves_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    """It is replaced before the request goes out; its kind is told on the answer, to the gateway and in the log."""
    proxy = Proxy()
    answer = await proxy.complete(asks(f"pay with {CARD}", f"or {CARD}"))
    assert "pay with [card removed]" in proxy.said()
    assert "4111" not in proxy.sent[0].content.decode()
    assert answer.taken_out == {"card": 2}
    assert proxy.sent[0].headers["x-farm-taken-out"] == "card:2"
    assert "sales:deal:42/run-1/triage-1: taken out before it left: card:2" in caplog.text
    assert "4111" not in caplog.text


async def test_of_a_request_without_secrets_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """No header, no count, no line in the log."""
    proxy = Proxy()
    answer = await proxy.complete(asks("good morning"))
    assert answer.taken_out == {}
    assert "x-farm-taken-out" not in proxy.sent[0].headers
    assert "taken out" not in caplog.text


def test_a_batch_is_guarded_as_a_single_call_is() -> None:
    """The same words leave, though a batch has neither headers nor breakpoints."""
    call = asks(f"pay with {CARD}")
    outgoing = Guard(Guards()).outgoing(in_batch(call, "claude-x"), call)
    assert outgoing.asked["messages"][0]["content"] == [{"type": "text", "text": "pay with [card removed]"}]
    assert outgoing.taken_out == {"card": 1}
