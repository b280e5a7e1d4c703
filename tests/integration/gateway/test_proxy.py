import json

import anthropic
import pytest

from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.gateway.calls import call
from tests.integration.model_gateway import ModelGateway

pytestmark = pytest.mark.stack

SORT = {
    "title": "Sorted",
    "type": "object",
    "properties": {"act": {"type": "boolean"}, "why": {"type": "string", "maxLength": 200}},
    "required": ["act", "why"],
}


@pytest.mark.parametrize(
    ("role", "model"),
    [
        ("triage", "claude-haiku-5-5"),
        ("orchestrator", "claude-sonnet-5-5"),
        ("insight", "claude-haiku-5-5"),
    ],
)
async def test_a_role_is_answered_by_its_pinned_model(gateway: Gateway, role: str, model: str) -> None:
    """A role names a pinned model; the answer says who answered and what it cost by that model's price."""
    answer = await gateway.complete(call(role))
    assert (answer.priced_as, answer.model) == (model, f"sandbox-rules/{model}")
    assert answer.cost_usd > 0
    assert answer.usage.output_tokens > 0
    assert not answer.fallback


async def test_a_strangers_key_is_refused(proxy: ModelGateway) -> None:
    """A key that no agent has is a lasting failure, and the text says which setting to look at."""
    with pytest.raises(GatewayError) as caught:
        await Gateway(proxy.url, "sk-wrong").complete(call())
    assert (caught.value.failure.kind, caught.value.failure.status) == ("permanent", 401)
    assert "FARM_GATEWAY_KEY" in caught.value.failure.message


async def test_the_operators_key_opens_the_gateway(proxy: ModelGateway) -> None:
    """The master key works beside the agents' keys."""
    answer = await Gateway(proxy.url, "sk-of-the-operator").complete(call())
    assert answer.text


async def test_a_structured_answer_fits_its_schema(gateway: Gateway) -> None:
    """A schema travels through the proxy, and the answer's text is JSON that fits it."""
    answer = await gateway.complete(call(answer_schema=SORT))
    assert set(json.loads(answer.text)) == {"act", "why"}


LOOK = {"name": "crm__get_deal", "description": "A deal.", "input_schema": {"type": "object", "properties": {}}}


async def test_a_conversation_is_read_from_the_cache_on_its_second_turn(gateway: Gateway) -> None:
    """The breakpoints that the client sets reach the vendor."""
    long = "The client asks for a new offer. " * 2000
    first, second = [await gateway.complete(call(said=long, tools=[LOOK])) for _ in range(2)]
    assert first.usage.cache_write_tokens > 0
    assert second.usage.cache_read_tokens >= first.usage.cache_write_tokens
    assert second.cost_usd < first.cost_usd


async def test_an_answer_says_by_which_price_it_was_paid(gateway: Gateway) -> None:
    """LiteLLM's, where we have none of our own; and an hour's cache is told apart from five minutes'."""
    long = "You sort events. " * 1000
    answer = await gateway.complete(call("orchestrator", system=long, cache_ttl="1h", tools=[LOOK]))
    assert answer.rates is not None
    assert (answer.rates.model, answer.rates.version.partition(" #")[0]) == ("claude-sonnet-5-5", "litellm 1.106.2")
    assert answer.cache_write_1h_tokens > 4000
    assert answer.cost_usd == answer.rates.cost(answer.usage, answer.cache_write_1h_tokens)
    five_minutes = answer.rates.cost(answer.usage)
    assert answer.cost_usd > five_minutes


async def test_tool_uses_come_whole_and_in_order(gateway: Gateway) -> None:
    """Parallel tool uses arrive with ids and arguments, and their blocks can be sent back with results."""
    tools = [
        {
            "name": name,
            "description": name,
            "input_schema": {"type": "object", "properties": {"deal_id": {"type": "integer"}}},
        }
        for name in ("crm__get_deal", "crm__list_mails", "crm__search_notes")
    ]
    asked = call("orchestrator", "Deal 42: new mail from the client.", tools=tools)
    answer = await gateway.complete(asked)
    assert answer.stop_reason == "tool_use"
    assert len(answer.tool_uses) > 1
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "{}"} for use in answer.tool_uses]
    conversation = [
        *asked.messages,
        {"role": "assistant", "content": list(answer.content)},
        {"role": "user", "content": results},
    ]
    after = await gateway.complete(call("orchestrator", tools=tools, messages=conversation))
    assert after.stop_reason


async def test_an_answer_can_be_streamed(proxy: ModelGateway) -> None:
    """The vendor's own client streams through the proxy, usage included."""
    client = anthropic.AsyncAnthropic(base_url=proxy.url, api_key=proxy.key, max_retries=0)
    async with client.messages.stream(
        model="triage", max_tokens=200, messages=[{"role": "user", "content": "hello"}]
    ) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    assert text
    assert message.usage.output_tokens > 0


async def test_an_overloaded_vendor_is_a_passing_failure(gateway: Gateway, proxy: ModelGateway) -> None:
    """529 arrives as 529, although the proxy itself would say 500."""
    proxy.fault(mode="fail", status=529, times=1)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call())
    assert (caught.value.failure.kind, caught.value.failure.status) == ("passing", 529)


async def test_a_rate_limit_says_when_to_come_back(gateway: Gateway, proxy: ModelGateway) -> None:
    """Retry-After reaches the caller, although the proxy itself would drop it."""
    proxy.fault(mode="rate-limit", times=1, retry_after=2)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call())
    assert (caught.value.failure.kind, caught.value.failure.retry_after_s) == ("passing", 2)


async def test_the_proxy_never_retries(gateway: Gateway, proxy: ModelGateway) -> None:
    """One failure at the vendor is one failure at the caller: Temporal alone retries."""
    proxy.fault(mode="fail", status=500, times=1)
    with pytest.raises(GatewayError):
        await gateway.complete(call())
    assert (await gateway.complete(call())).text


async def test_a_refused_vendor_key_is_told_from_a_refused_agent_key(gateway: Gateway, proxy: ModelGateway) -> None:
    """Both are 401; the message says whose key it is."""
    proxy.fault(mode="fail", status=401, times=1)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call())
    assert caught.value.failure.kind == "permanent"
    assert caught.value.failure.message.startswith("The model's vendor")


async def test_the_standby_answers_while_the_orchestrator_cannot(gateway: Gateway, proxy: ModelGateway) -> None:
    """A fallback is flagged, named and priced as the model that answered."""
    proxy.fault(mode="fail", status=529, times=1, model="claude-sonnet-5-5")
    answer = await gateway.complete(call("orchestrator"))
    assert (answer.fallback, answer.priced_as) == (True, "claude-sonnet-4-6")
    assert answer.cost_usd > 0


async def test_a_role_that_nobody_configured_is_a_lasting_failure(gateway: Gateway) -> None:
    """An unknown role isn't retried."""
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call("poet"))
    assert caught.value.failure.kind == "permanent"
