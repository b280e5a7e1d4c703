"""The stand-in as the vendor's own SDK sees it, over HTTP."""

import json
import time

import anthropic
import httpx
import pytest
from anthropic import AsyncAnthropic
from pydantic import BaseModel

HELLO = {"model": "claude-x", "max_tokens": 500, "messages": [{"role": "user", "content": "Hello there"}]}
TOOLS = [
    {"name": name, "input_schema": {"type": "object", "properties": {"deal_id": {"type": "integer"}}}}
    for name in ("crm__get_deal", "crm__list_mails")
]
ASK = "Today is 2026-11-23.\n" + json.dumps(
    {"kind": "deal.change", "entity": "deal:42", "changes": {"stage_id": [2, 3]}}
)


class TriageDecision(BaseModel):
    verdict: str
    reason: str
    urgency: str


async def test_message_says_that_it_is_no_model(client: AsyncAnthropic):
    """An answer carries the prefixed model name, and its words say what it is."""
    message = await client.messages.create(**HELLO)
    assert message.model == "sandbox-rules/claude-x"
    assert message.stop_reason == "end_turn"
    assert "Rules, not a language model" in message.content[0].text
    assert "Hello there" in message.content[0].text


async def test_same_request_same_answer(client: AsyncAnthropic):
    """A request that is sent twice gets the same answer, ids included."""
    first, second = [await client.messages.create(**HELLO) for _ in range(2)]
    assert first == second


async def test_tools_are_called_in_parallel_with_typed_arguments(client: AsyncAnthropic):
    """The reads on offer come in one turn, with the deal's id as the number that the tool wants."""
    message = await client.messages.create(**{**HELLO, "messages": [{"role": "user", "content": ASK}]}, tools=TOOLS)
    assert message.stop_reason == "tool_use"
    assert [(block.name, block.input) for block in message.content] == [
        ("crm__get_deal", {"deal_id": 42}),
        ("crm__list_mails", {"deal_id": 42}),
    ]


async def test_parallel_use_can_be_forbidden(client: AsyncAnthropic):
    """With disable_parallel_tool_use there is one call in a turn."""
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    message = await client.messages.create(
        **{**HELLO, "messages": [{"role": "user", "content": ASK}]}, tools=TOOLS, tool_choice=choice
    )
    assert len(message.content) == 1


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "other"}])
async def test_a_forced_tool_is_called(client: AsyncAnthropic, choice: dict):
    """With `any` or a named tool there is a call, its arguments fitting the schema, whatever was said."""
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]}
    tools = [{"name": "other", "input_schema": schema}]
    message = await client.messages.create(**HELLO, tools=tools, tool_choice=choice)
    assert [(block.name, block.input) for block in message.content] == [("other", {"n": 3})]


async def test_structured_output_by_output_config(client: AsyncAnthropic):
    """The SDK's parse helper gets the type that it asked for."""
    message = await client.messages.parse(
        **{**HELLO, "messages": [{"role": "user", "content": ASK}]}, output_format=TriageDecision
    )
    assert message.parsed_output.verdict == "act"
    assert "stage_id went from 2 to 3" in message.parsed_output.reason


async def test_structured_output_by_the_older_field(client: AsyncAnthropic):
    """The older `output_format` field asks for the same."""
    schema = {"type": "json_schema", "schema": anthropic.transform_schema(TriageDecision)}
    body = {**HELLO, "messages": [{"role": "user", "content": ASK}]}
    message = await client.messages.create(**body, extra_body={"output_format": schema})
    assert json.loads(message.content[0].text)["verdict"] == "act"


async def test_structured_output_by_forced_tool(client: AsyncAnthropic):
    """A forced tool whose schema has a known title is filled in by that rule."""
    tools = [{"name": "decide", "input_schema": TriageDecision.model_json_schema()}]
    body = {**HELLO, "messages": [{"role": "user", "content": ASK}]}
    message = await client.messages.create(**body, tools=tools, tool_choice={"type": "tool", "name": "decide"})
    assert message.content[0].input["verdict"] == "act"


@pytest.mark.parametrize("content", ["Hello, tell me something long enough for several deltas, please", ASK])
async def test_stream_puts_together_the_same_message(client: AsyncAnthropic, content: str):
    """The SDK's stream helper ends with what the plain call answers, thinking, text and tools alike."""
    body = {**HELLO, "max_tokens": 3000, "messages": [{"role": "user", "content": content}], "tools": TOOLS}
    body["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    async with client.messages.stream(**body) as stream:
        kinds = [event.type async for event in stream]
        streamed = await stream.get_final_message()
    plain = await client.messages.create(**body)
    assert streamed.model_dump(exclude={"content"}) == plain.model_dump(exclude={"content"})
    assert [block.to_dict() for block in streamed.content] == [block.to_dict() for block in plain.content]
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"


async def test_stream_has_the_vendors_sequence(url: str):
    """Event names come in the vendor's order, each equal to the type in its data."""
    headers = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as http:
        answer = await http.post("/v1/messages", json={**HELLO, "max_tokens": 5, "stream": True})
    names = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event")]
    types = [json.loads(line[6:])["type"] for line in answer.text.splitlines() if line.startswith("data")]
    assert names == types
    assert names == [
        "message_start", "content_block_start", "ping", "content_block_delta", "content_block_stop",
        "message_delta", "message_stop",
    ]  # fmt: skip


async def test_thinking_comes_back_signed(client: AsyncAnthropic):
    """A thinking block may be sent back as it was, and is refused when it was changed."""
    thinking = {"type": "enabled", "budget_tokens": 1024}
    body = {**HELLO, "max_tokens": 3000, "thinking": thinking}
    message = await client.messages.create(**body)
    spoken = [block.to_dict() for block in message.content]
    assert spoken[0]["type"] == "thinking"
    turns = [*HELLO["messages"], {"role": "assistant", "content": spoken}, {"role": "user", "content": "And?"}]
    await client.messages.create(**{**body, "messages": turns})
    spoken[0]["thinking"] = "something else"
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        await client.messages.create(**{**body, "messages": turns})


async def test_max_tokens_cuts_the_answer(client: AsyncAnthropic):
    """An answer longer than max_tokens is cut, and says so."""
    message = await client.messages.create(**{**HELLO, "max_tokens": 3})
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 3


async def test_count_tokens(client: AsyncAnthropic):
    """Counting gives one token for every four characters begun."""
    counted = await client.messages.count_tokens(model="m", messages=[{"role": "user", "content": "x" * 401}])
    assert counted.input_tokens == 101


async def test_cache_is_written_then_read_then_forgotten(client: AsyncAnthropic, clock):
    """A long marked prefix is written once, read within its lifetime, and written again after it."""
    system = [{"type": "text", "text": "s" * 8000, "cache_control": {"type": "ephemeral"}}]
    usages = []
    for wait in (0, 299, 301):
        clock.now += wait
        usages.append((await client.messages.create(**HELLO, system=system)).usage)
    assert [usage.cache_creation_input_tokens for usage in usages] == [2000, 0, 2000]
    assert [usage.cache_read_input_tokens for usage in usages] == [0, 2000, 0]
    assert usages[0].cache_creation.ephemeral_5m_input_tokens == 2000
    assert {usage.input_tokens for usage in usages} == {3}


async def test_missing_key_is_an_authentication_error(url: str):
    """Without a key the vendor's 401 comes back, with a request id."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/v1/messages", json=HELLO)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"
    assert answer.json()["request_id"] == answer.headers["request-id"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, anthropic.InternalServerError), (529, anthropic.OverloadedError), (403, anthropic.PermissionDeniedError)],
)
async def test_ordered_failure_is_typed_and_ends(client: AsyncAnthropic, url: str, status: int, expected: type):
    """A fault ordered for one call makes the SDK raise its own type once, and the next call is well."""
    async with httpx.AsyncClient(base_url=url) as http:
        await http.post("/sandbox/faults", json={"mode": "fail", "status": status, "times": 1})
    with pytest.raises(expected):
        await client.messages.create(**HELLO)
    await client.messages.create(**HELLO)


async def test_rate_limit_names_when_to_come_back(client: AsyncAnthropic, url: str):
    """A 429 carries retry-after and the vendor's rate-limit headers."""
    async with httpx.AsyncClient(base_url=url) as http:
        await http.post("/sandbox/faults", json={"mode": "rate-limit", "times": 1, "retry_after": 7})
    with pytest.raises(anthropic.RateLimitError) as caught:
        await client.messages.create(**HELLO)
    assert caught.value.response.headers["retry-after"] == "7"
    assert "anthropic-ratelimit-requests-remaining" in caught.value.response.headers


async def test_slow_answers_late_but_well(client: AsyncAnthropic, url: str):
    """A slow fault delays the answer; a fault for another model doesn't."""
    async with httpx.AsyncClient(base_url=url) as http:
        await http.post("/sandbox/faults", json={"mode": "slow", "delay_ms": 200, "times": 1, "model": "claude-x"})
    start = time.monotonic()
    await client.messages.create(**{**HELLO, "model": "other"})
    middle = time.monotonic()
    await client.messages.create(**HELLO)
    assert time.monotonic() - middle >= 0.2 > middle - start


async def test_faults_can_be_cleared_and_calls_counted(client: AsyncAnthropic, url: str):
    """DELETE ends every fault; the counters tell answers, refusals and tokens apart."""
    async with httpx.AsyncClient(base_url=url) as http:
        await http.post("/sandbox/faults", json={"mode": "fail"})
        with pytest.raises(anthropic.OverloadedError):
            await client.messages.create(**HELLO)
        await http.delete("/sandbox/faults")
        await client.messages.create(**HELLO)
        figures = (await http.get("/sandbox/calls")).json()
    assert figures["calls"] == 1
    assert figures["by_model"] == {"claude-x": 1}
    assert figures["refused"] == {"529": 1}
    assert figures["tokens"]["input_tokens"] == 3


async def test_misspelt_fault_is_refused(url: str):
    """An order with an unknown field is answered with what is wrong."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/sandbox/faults", json={"mode": "fail", "time": 3})
    assert answer.status_code == 422
    assert "time" in answer.text


async def test_batch_runs_and_gives_results(client: AsyncAnthropic, clock):
    """A batch is in progress, then ended, and its results carry a message for a good and an error for a bad one."""
    bad = {"model": "m", "messages": HELLO["messages"]}
    batch = await client.messages.batches.create(
        requests=[{"custom_id": "good", "params": HELLO}, {"custom_id": "bad", "params": bad}]
    )
    assert batch.processing_status == "in_progress"
    with pytest.raises(anthropic.AnthropicError, match="Has it finished"):
        await client.messages.batches.results(batch.id)
    clock.now += 3
    ended = await client.messages.batches.retrieve(batch.id)
    assert (ended.request_counts.succeeded, ended.request_counts.errored) == (1, 1)
    results = {line.custom_id: line.result async for line in await client.messages.batches.results(batch.id)}
    assert results["good"].message.usage.service_tier == "batch"
    assert results["bad"].error.error.message == "max_tokens: Field required"


async def test_batch_can_be_canceled_and_listed(client: AsyncAnthropic, clock):
    """A canceled batch ends with nothing answered."""
    batch = await client.messages.batches.create(requests=[{"custom_id": "a", "params": HELLO}])
    canceled = await client.messages.batches.cancel(batch.id)
    assert canceled.processing_status == "canceling"
    clock.now += 3
    listed = [each async for each in client.messages.batches.list()]
    assert [each.id for each in listed] == [batch.id]
    assert listed[0].request_counts.canceled == 1


async def test_unknown_batch_is_not_found(client: AsyncAnthropic):
    """A batch that nobody made is a 404 of the vendor's type."""
    with pytest.raises(anthropic.NotFoundError):
        await client.messages.batches.retrieve("msgbatch_nothing")


async def test_health_says_what_it_is(url: str):
    """The health check tells that there is no language model behind it."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = (await http.get("/healthz")).json()
    assert answer == {"status": "ok", "model": "rules, not a language model"}
