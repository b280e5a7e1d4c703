"""The other vendor behind the same client: chat completions, through the real proxy."""

import json
from itertools import count

import anthropic
import pytest

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.gateway.test_proxy import SORT
from tests.integration.model_gateway import ModelGateway

pytestmark = [pytest.mark.stack, pytest.mark.slow]

MODEL = "gpt-5.5-2026-04-23"
TOOLS = [
    {
        "name": name,
        "description": name,
        "input_schema": {"type": "object", "properties": {"deal_id": {"type": "integer"}}},
    }
    for name in ("crm__get_deal", "crm__list_mails", "crm__search_notes")
]

_numbers = count()
"""What is said twice is two calls, and the gateway answers neither from the other."""


def _call(said: str = "The client asks for a new offer.", **more: object) -> Call:
    call_id = f"sales:deal:42/run-1/orchestrate-{next(_numbers)}"
    asked = {"role": "orchestrator", "model": MODEL, "system": "You plan.", "call_id": call_id}
    return Call.model_validate({**asked, "messages": [{"role": "user", "content": said}], **more})


async def test_a_model_is_reached_by_its_own_name(gateway: Gateway) -> None:
    """Whatever model has the role: so a run can stay on its own, at its own price."""
    answer = await gateway.complete(_call())
    assert (answer.model, answer.priced_as) == (f"sandbox-rules/{MODEL}", MODEL)
    assert (answer.cost_usd > 0, answer.fallback) == (True, False)
    assert (await gateway.complete(_call(model="claude-sonnet-4-6"))).priced_as == "claude-sonnet-4-6"


async def test_a_structured_answer_fits_its_schema(gateway: Gateway) -> None:
    """The vendor's strict schema takes what the client makes of ours."""
    answer = await gateway.complete(_call(answer_schema=SORT))
    assert set(json.loads(answer.text)) == {"act", "why"}


async def test_tools_are_used_and_their_results_read(gateway: Gateway) -> None:
    """Parallel calls come with ids and arguments; the conversation goes back as it came."""
    call = _call('{"kind": "deal.change", "entity": "deal:42", "changes": {"stage_id": [2, 3]}}', tools=TOOLS)
    answer = await gateway.complete(call)
    assert answer.stop_reason == "tool_use"
    assert len(answer.tool_uses) > 1
    assert answer.tool_uses[0].arguments == {"deal_id": 42}
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "{}"} for use in answer.tool_uses]
    talk = [
        *call.messages,
        {"role": "assistant", "content": list(answer.content)},
        {"role": "user", "content": results},
    ]
    assert (await gateway.complete(_call(tools=TOOLS, messages=talk))).stop_reason
    final = await gateway.complete(_call(tools=TOOLS, messages=talk, may_use_tools=False))
    assert (final.tool_uses, final.stop_reason) == ((), "end_turn")


async def test_a_conversation_is_read_from_the_cache(gateway: Gateway) -> None:
    """Cached tokens are counted apart, as with the other vendor, and cost less."""
    long = "The client asks for a new offer. " * 2000
    first, second = [await gateway.complete(_call(said=long)) for _ in range(2)]
    assert (first.usage.cache_read_tokens, first.usage.cache_write_tokens) == (0, 0)
    assert second.usage.cache_read_tokens > 10_000
    assert second.usage.total == first.usage.total
    assert second.cost_usd < first.cost_usd


async def test_an_answer_can_be_streamed(proxy: ModelGateway) -> None:
    """Text and usage, by the client that the farm has."""
    client = anthropic.AsyncAnthropic(base_url=proxy.url, api_key=proxy.key, max_retries=0)
    asked = {"model": MODEL, "max_tokens": 200, "messages": [{"role": "user", "content": "hello"}]}
    async with client.messages.stream(**asked) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    assert "Rules, not a language model" in text
    assert message.usage.output_tokens > 0


async def test_a_rate_limit_says_when_to_come_back(gateway: Gateway, proxy: ModelGateway) -> None:
    """Both models are asked: the standby is another vendor's, and has no room either."""
    proxy.fault(mode="rate-limit", times=3, retry_after=7)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(_call())
    assert (caught.value.failure.kind, caught.value.failure.retry_after_s) == ("passing", 7)


@pytest.mark.parametrize("asked", [{"model": MODEL}, {"model": "", "role": MODEL}])
async def test_who_answered_instead_is_told(gateway: Gateway, proxy: ModelGateway, asked: dict[str, str]) -> None:
    """One vendor is away, another's model answers: flagged, priced as what it is, and named beside what couldn't."""
    proxy.fault(mode="fail", status=503, times=1, model="gpt-5.5")
    answer = await gateway.complete(_call(**asked))
    assert (answer.fallback, answer.priced_as, answer.instead_of) == (True, "claude-sonnet-5-5", MODEL)


async def test_of_a_chain_of_standbys_the_first_asked_is_told(gateway: Gateway, proxy: ModelGateway) -> None:
    """Two are away, the third answers instead of the first."""
    proxy.fault(mode="fail", status=503, times=1, model="gpt-5.5")
    proxy.fault(mode="fail", status=529, times=1, model="claude-sonnet-5-5")
    answer = await gateway.complete(_call())
    assert (answer.fallback, answer.priced_as, answer.instead_of) == (True, "claude-sonnet-4-6", MODEL)


async def test_a_standby_of_a_role_is_told_by_the_models_names(gateway: Gateway, proxy: ModelGateway) -> None:
    """Asked by its role, it is the role's model that couldn't."""
    proxy.fault(mode="fail", status=529, times=1, model="claude-sonnet-5-5")
    answer = await gateway.complete(_call(model=""))
    assert (answer.priced_as, answer.instead_of) == ("claude-sonnet-4-6", "claude-sonnet-5-5")
