"""The first vendor's models, hosted by a cloud: Converse, through the real proxy."""

import json
from itertools import count

import anthropic
import pytest

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.gateway.test_other_vendor import TOOLS
from tests.integration.gateway.test_proxy import SORT
from tests.integration.model_gateway import ModelGateway

pytestmark = [pytest.mark.stack, pytest.mark.slow]

MODEL = "eu.anthropic.claude-sonnet-4-6"

_numbers = count()
"""What is said twice is two calls, and the gateway answers neither from the other."""


def _call(said: str = "The client asks for a new offer.", **more: object) -> Call:
    call_id = f"sales:deal:42/run-1/orchestrate-{next(_numbers)}"
    asked = {"role": "orchestrator", "model": MODEL, "system": "You plan.", "call_id": call_id}
    return Call.model_validate({**asked, "messages": [{"role": "user", "content": said}], **more})


async def test_a_hosted_model_answers_at_its_own_price(gateway: Gateway) -> None:
    """It is asked by the host's name for it."""
    answer = await gateway.complete(_call())
    assert (answer.priced_as, answer.fallback) == (MODEL, False)
    assert answer.cost_usd > 0
    assert "Rules, not a language model" in answer.text


@pytest.mark.parametrize("model", [MODEL, "eu.anthropic.claude-haiku-5-5"])
async def test_a_structured_answer_fits_its_schema(gateway: Gateway, model: str) -> None:
    """By the host's own means or, where LiteLLM knows of none, by a tool that the model must use."""
    answer = await gateway.complete(_call(model=model, answer_schema=SORT))
    assert set(json.loads(answer.text)) == {"act", "why"}
    assert answer.tool_uses == ()


async def test_tools_are_used_and_their_results_read(gateway: Gateway) -> None:
    """Parallel calls with ids and arguments; the conversation goes back as it came."""
    call = _call("Deal 42: new mail from the client.", tools=TOOLS)
    answer = await gateway.complete(call)
    assert answer.stop_reason == "tool_use"
    assert len(answer.tool_uses) > 1
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "{}"} for use in answer.tool_uses]
    talk = [
        *call.messages,
        {"role": "assistant", "content": list(answer.content)},
        {"role": "user", "content": results},
    ]
    assert (await gateway.complete(_call(tools=TOOLS, messages=talk))).stop_reason


async def test_the_clients_breakpoints_reach_the_host(gateway: Gateway) -> None:
    """As cache points; what was written is read by the next turn, for less."""
    long = "The client asks for a new offer. " * 2000
    first, second = [await gateway.complete(_call(said=long, tools=TOOLS)) for _ in range(2)]
    assert first.usage.cache_write_tokens > 10_000
    assert second.usage.cache_read_tokens >= first.usage.cache_write_tokens
    assert second.cost_usd < first.cost_usd


async def test_an_answer_can_be_streamed(proxy: ModelGateway) -> None:
    """The host's binary frames arrive as the client's events."""
    client = anthropic.AsyncAnthropic(base_url=proxy.url, api_key=proxy.key, max_retries=0)
    asked = {"model": MODEL, "max_tokens": 200, "messages": [{"role": "user", "content": "hello"}]}
    async with client.messages.stream(**asked) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    assert "Rules, not a language model" in text
    assert message.usage.output_tokens > 0


async def test_a_throttled_host_is_a_passing_failure(gateway: Gateway, proxy: ModelGateway) -> None:
    """429 by another name."""
    proxy.fault(mode="rate-limit", times=1, retry_after=7, model="eu.anthropic")
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(_call())
    assert (caught.value.failure.kind, caught.value.failure.status) == ("passing", 429)
