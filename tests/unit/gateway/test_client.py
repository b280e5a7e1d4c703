import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from contracts.calls import Usage
from gateway.calls.call import Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from gateway.models.roles import Role

CALL = Call(
    role="triage",
    system="You sort.",
    messages=({"role": "user", "content": "hello"},),
    call_id="run-1/triage-1",
)
BLOCKS = [
    {"type": "thinking", "thinking": "hm", "signature": "s"},
    {"type": "text", "text": "Let me look."},
    {"type": "tool_use", "id": "toolu_1", "name": "crm__get_deal", "input": {"deal_id": 42}},
    {"type": "tool_use", "id": "toolu_2", "name": "memory__recall", "input": {"entity": "deal:42"}},
]
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "triage",
    "content": BLOCKS,
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_read_input_tokens": 300,
        "cache_creation_input_tokens": 4,
    },
}
HEADERS = {
    "x-litellm-response-cost": "0.0042",
    "x-litellm-model-name": "anthropic/claude-haiku-5-5",
    "x-litellm-attempted-fallbacks": "1",
    "x-farm-answered-by": "sandbox-rules/claude-haiku-5-5",
}


class FakeProxy:
    """Answers every request with one response, and counts them."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
        self.requests: list[httpx2.Request] = []
        self._answer = answer

    def gateway(self) -> Gateway:
        return Gateway("http://gateway", "sk-sales", transport=httpx2.MockTransport(self._take))

    def _take(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer(request)


def _answers(
    status: int = 200, body: Any = MESSAGE, headers: dict[str, str] | None = None
) -> Callable[[httpx2.Request], httpx2.Response]:
    return lambda _: httpx2.Response(status, json=body, headers=HEADERS if headers is None else headers)


async def test_the_answer_keeps_every_block_in_order() -> None:
    """Thinking, text and tool uses can be sent back as they came."""
    answer = await FakeProxy(_answers()).gateway().complete(CALL)
    assert [block["type"] for block in answer.content] == ["thinking", "text", "tool_use", "tool_use"]
    assert answer.content[0]["signature"] == "s"
    assert answer.text == "Let me look."
    assert [(use.id, use.name) for use in answer.tool_uses] == [
        ("toolu_1", "crm__get_deal"),
        ("toolu_2", "memory__recall"),
    ]


async def test_the_answer_says_who_answered_and_what_it_cost() -> None:
    """Model, price, fallback and tokens come from the gateway's headers and the message's usage."""
    answer = await FakeProxy(_answers()).gateway().complete(CALL)
    assert (answer.model, answer.priced_as) == ("sandbox-rules/claude-haiku-5-5", "claude-haiku-5-5")
    assert (answer.cost_usd, answer.fallback) == (0.0042, True)
    assert answer.usage == Usage(input_tokens=10, output_tokens=20, cache_read_tokens=300, cache_write_tokens=4)


async def test_the_cost_is_what_the_tokens_come_to_by_the_price_that_is_told() -> None:
    """An hour's cache has its own price, and the answer says by which version it was counted."""
    told = {"model": "claude-haiku-5-5", "version": "test #1", "batch": 0.5}
    figures = {"input": 1.0, "output": 10.0, "cache_read": 0.1, "cache_write": 1.25, "cache_write_1h": 2.0}
    split = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 3}
    usage: Any = MESSAGE["usage"]
    message = {**MESSAGE, "usage": {**usage, "cache_creation": split}}
    headers = {**HEADERS, "x-farm-rates": json.dumps({**told, **figures})}
    answer = await FakeProxy(_answers(body=message, headers=headers)).gateway().complete(CALL)
    assert (answer.rates.version, answer.cache_write_1h_tokens) == ("test #1", 3)
    assert answer.cost_usd == pytest.approx(10 * 1 + 20 * 10 + 300 * 0.1 + 1 * 1.25 + 3 * 2)


async def test_a_model_without_a_price_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    """An answer without a cost counts as free, and the log says where to mend it."""
    answer = await FakeProxy(_answers(headers={})).gateway().complete(CALL)
    assert answer.cost_usd == 0
    assert "gateway/prices.toml" in caplog.text


async def test_a_failure_is_raised_with_its_kind_after_one_request() -> None:
    """No retry here: Temporal has them."""
    proxy = FakeProxy(_answers(529, {"error": {"message": "overloaded_error"}}, {"retry-after": "3"}))
    with pytest.raises(GatewayError) as caught:
        await proxy.gateway().complete(CALL)
    assert (caught.value.failure.kind, caught.value.failure.retry_after_s) == ("passing", 3)
    assert len(proxy.requests) == 1


async def test_a_gateway_that_is_away_is_a_passing_failure() -> None:
    """A refused connection says so, and may be tried again."""

    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("connection refused", request=request)

    with pytest.raises(GatewayError, match=r"no answer.*connection refused") as caught:
        await FakeProxy(refuse).gateway().complete(CALL)
    assert caught.value.failure.kind == "passing"


async def test_the_agents_key_goes_with_the_call() -> None:
    """The gateway knows the agent by its key."""
    proxy = FakeProxy(_answers())
    await proxy.gateway().complete(CALL)
    assert proxy.requests[0].headers["authorization"] == "Bearer sk-sales"
    assert proxy.requests[0].headers["x-litellm-call-id"] == "run-1/triage-1"


async def test_a_role_is_asked_as_the_map_says() -> None:
    """At most so many tokens of answer, and a beginning kept so long, whoever plays it. Others as the call says."""
    proxy = FakeProxy(lambda _: httpx2.Response(200, json=MESSAGE, headers=HEADERS))
    roles = {"triage": Role(about="sorts", max_tokens=50, cache_ttl="1h")}
    gateway = Gateway("http://gateway", "k", transport=httpx2.MockTransport(proxy._take), roles=roles)
    for call in (CALL.model_copy(update={"model": "small-1"}), CALL.model_copy(update={"role": "insight"})):
        await gateway.complete(call)
    one, other = (json.loads(each.content) for each in proxy.requests)
    assert (one["model"], one["max_tokens"], one["system"][0]["cache_control"]["ttl"]) == ("small-1", 50, "1h")
    assert (other["model"], other["max_tokens"]) == ("insight", 4096)
    assert [each.headers["x-farm-role"] for each in proxy.requests] == ["triage", "insight"]
    assert "temperature" not in one | other


async def test_a_role_without_chance_is_asked_so() -> None:
    """And its requests can be told by what they ask; those of others can't."""
    proxy = FakeProxy(_answers())
    roles = {"triage": Role(about="sorts", temperature=0), "insight": Role(about="learns", temperature=0.5)}
    gateway = Gateway("http://gateway", "k", transport=httpx2.MockTransport(proxy._take), roles=roles)
    await gateway.complete(CALL)
    assert json.loads(proxy.requests[0].content)["temperature"] == 0
    assert gateway.repeatable(CALL) == gateway.repeatable(CALL.model_copy(update={"call_id": "run-1/triage-2"})) != ""
    assert gateway.repeatable(CALL.model_copy(update={"role": "insight"})) == ""
    assert proxy.gateway().repeatable(CALL) == ""
