"""The stand-in as another vendor: chat completions over HTTP, by the same rules."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.model.conftest import Clock

MODEL = "gpt-5.5-2026-04-23"
NEWS = "Today is 2026-11-23.\n" + json.dumps(
    {"kind": "deal.change", "entity": "deal:42", "changes": {"stage_id": [2, 3]}}
)
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {"type": "object", "properties": {"deal_id": {"type": "integer"}}},
        },
    }
    for name in ("crm__get_deal", "crm__list_mails")
]
TRIAGE = {
    "title": "TriageDecision",
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("verdict", "reason", "urgency")},
    "required": ["verdict", "reason", "urgency"],
    "additionalProperties": False,
}
WANTED = {"type": "json_schema", "json_schema": {"name": "triage", "schema": TRIAGE, "strict": True}}

Json = dict[str, Any]


def asked(said: str = "Hello there", **more: Any) -> Json:
    return {"model": MODEL, "messages": [{"role": "user", "content": said}], **more}


@pytest.fixture
async def chat(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers={"authorization": "Bearer any"}) as client:
        yield client


async def complete(chat: httpx.AsyncClient, body: Json) -> Json:
    answer = await chat.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def refusal(chat: httpx.AsyncClient, body: Json) -> Json:
    answer = await chat.post("/v1/chat/completions", json=body)
    assert answer.status_code == 400, answer.text
    error: Json = answer.json()["error"]
    return error


def said(completion: Json) -> Json:
    message: Json = completion["choices"][0]["message"]
    return message


async def test_a_completion_says_that_it_is_no_model(chat):
    """The prefixed name, words that say what it is; and the same request has the same answer."""
    first, second = await complete(chat, asked()), await complete(chat, asked())
    assert (first["object"], first["model"]) == ("chat.completion", f"sandbox-rules/{MODEL}")
    assert "Rules, not a language model" in said(first)["content"]
    assert first["choices"][0]["finish_reason"] == "stop"
    assert first == second


async def test_tools_are_called_and_their_results_read(chat):
    """Parallel calls with arguments as JSON text; their results come back as messages of their own."""
    first = await complete(chat, asked(NEWS, tools=TOOLS))
    calls = said(first)["tool_calls"]
    assert [(each["function"]["name"], each["function"]["arguments"]) for each in calls] == [
        ("crm__get_deal", '{"deal_id": 42}'),
        ("crm__list_mails", '{"deal_id": 42}'),
    ]
    assert first["choices"][0]["finish_reason"] == "tool_calls"
    results = [{"role": "tool", "tool_call_id": each["id"], "content": "{}"} for each in calls]
    reply = {"role": "assistant", "content": None, "tool_calls": calls}
    after = await complete(chat, asked(tools=TOOLS) | {"messages": [*asked(NEWS)["messages"], reply, *results]})
    assert said(after)["content"] or said(after)["tool_calls"] != calls


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("none", []),
        ("required", ["crm__get_deal", "crm__list_mails"]),
        ({"type": "function", "function": {"name": "crm__list_mails"}}, ["crm__list_mails"]),
    ],
)
async def test_how_free_the_model_is_can_be_said(chat, choice, called):
    """No call, any call, or the one that is named."""
    message = said(await complete(chat, asked(NEWS, tools=TOOLS, tool_choice=choice)))
    assert [each["function"]["name"] for each in message.get("tool_calls", [])] == called


async def test_one_call_in_a_turn_where_more_are_forbidden(chat):
    """`parallel_tool_calls: false`."""
    message = said(await complete(chat, asked(NEWS, tools=TOOLS, parallel_tool_calls=False)))
    assert len(message["tool_calls"]) == 1


async def test_a_structured_answer_fits_its_schema(chat):
    """The same rule answers as at the other vendor."""
    told = json.loads(said(await complete(chat, asked(NEWS, response_format=WANTED)))["content"])
    assert told["verdict"] == "act"
    assert "stage_id went from 2 to 3" in told["reason"]


async def test_a_stream_put_together_is_the_completion(chat):
    """Text, calls, the reason for the end, and usage where it was asked for."""
    for body in (asked(), asked(NEWS, tools=TOOLS)):
        whole = await complete(chat, body)
        more = {"stream": True, "stream_options": {"include_usage": True}}
        answer = await chat.post("/v1/chat/completions", json={**body, **more})
        lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
        assert lines.pop() == "[DONE]"
        *chunks, last = map(json.loads, lines)
        # the second time, the beginning may come from the cache: what it is counted as is another thing
        assert last["usage"]["total_tokens"] == whole["usage"]["total_tokens"]
        deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
        assert "".join(delta.get("content") or "" for delta in deltas) == (said(whole)["content"] or "")
        assert _calls(deltas) == [each["function"]["arguments"] for each in said(whole).get("tool_calls", [])]
        assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]


def _calls(deltas: list[Json]) -> list[str]:
    told: dict[int, str] = {}
    for delta in deltas:
        for call in delta.get("tool_calls", ()):
            told[call["index"]] = told.get(call["index"], "") + call["function"]["arguments"]
    return list(told.values())


async def test_the_beginning_is_cached_by_itself(chat, clock: Clock):
    """From 1024 tokens on, in steps of 128, for five minutes, and only what is the same from the start."""
    long = "x" * 4 * 1500
    cached = [await _cached(chat, long) for _ in range(2)]
    grown = await _cached(chat, long, {"role": "assistant", "content": "Yes?"}, {"role": "user", "content": "More."})
    assert (cached[0], await _cached(chat, "y" + long), await _cached(chat, "x" * 4 * 900)) == (0, 0, 0)
    assert cached[1] == grown
    assert cached[1] % 128 == 0
    assert 1500 - 128 < cached[1] < 1500 + 128
    clock.now += 301
    assert await _cached(chat, long) == 0


async def _cached(chat: httpx.AsyncClient, text: str, *more: Json) -> int:
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}, *more]}
    usage = (await complete(chat, body))["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    cached: int = usage["prompt_tokens_details"]["cached_tokens"]
    return cached


async def test_an_answer_is_cut_where_the_request_says(chat):
    """By tokens, and by what stops it."""
    short = await complete(chat, asked(max_completion_tokens=2))
    assert (said(short)["content"], short["choices"][0]["finish_reason"]) == ("Rules, n", "length")
    assert said(await complete(chat, asked(stop=["not"])))["content"] == "Rules, "


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OPEN = {**WANTED["json_schema"], "schema": {**TRIAGE, "required": ["verdict"]}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (asked(max_tokens=5), "'max_tokens' is not supported with this model"),
        (asked(system="x"), "Unknown parameter: 'system'"),
        (asked() | {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {}}]}]},
         "Unknown parameter: 'messages[0].content[0].cache_control'"),
        (asked() | {"messages": [{"role": "poet", "content": "x"}]}, "Invalid value: 'poet'"),
        (asked() | {"messages": [{"role": "assistant", "tool_calls": [CALL]}]}, "did not have response messages: c1"),
        (asked() | {"messages": [{"role": "tool", "tool_call_id": "c1", "content": ""}]}, "must be a response to"),
        (asked(tool_choice="none"), "only allowed when 'tools' are specified"),
        (asked(response_format={"type": "json_schema", "json_schema": OPEN}), "Missing 'reason'"),
        ({"model": MODEL}, "Missing required parameter: 'messages'"),
    ],
)  # fmt: skip
async def test_what_the_vendor_refuses_is_refused(chat, body, told):
    """With a sentence and the parameter at fault."""
    error = await refusal(chat, body)
    assert told in error["message"]
    assert error["type"] == "invalid_request_error"


async def test_a_fault_is_told_in_this_vendors_way(chat):
    """The same orders as for the other; and a stranger is sent away."""
    await chat.post("/sandbox/faults", json={"mode": "rate-limit", "times": 1, "retry_after": 7, "model": "gpt"})
    answer = await chat.post("/v1/chat/completions", json=asked())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    stranger = await chat.post("/v1/chat/completions", json=asked(), headers={"authorization": ""})
    assert (stranger.status_code, stranger.json()["error"]["code"]) == (401, "invalid_api_key")


async def test_calls_are_counted_with_the_other_vendors(chat):
    """By model, by rule, and tokens in disjoint counts."""
    whole = await complete(chat, asked())
    figures = (await chat.get("/sandbox/calls")).json()
    assert figures["by_model"] == {MODEL: 1}
    assert figures["tokens"]["input_tokens"] == whole["usage"]["prompt_tokens"]


PNG = "data:image/png;base64,iVBORw0KGgo="
PDF = {"filename": "offer.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjQ="}


async def test_images_and_pdfs_are_read(chat):
    """As parts of what the user says."""
    parts = [{"type": "image_url", "image_url": {"url": PNG}}, {"type": "file", "file": PDF}]
    told = said(await complete(chat, {"model": MODEL, "messages": [{"role": "user", "content": parts}]}))
    assert "You attached: image/png, application/pdf." in told["content"]


@pytest.mark.parametrize(
    ("role", "shown", "told"),
    [
        ("user", "data:image/png;base64,JVBERi0xLjQ=", "Expected a base64-encoded data URL"),
        ("assistant", PNG, "only allowed for messages with role 'user'"),
    ],
)
async def test_an_image_that_is_none_or_anothers_is_refused(chat, role, shown, told):
    """By its first bytes, and by who shows it."""
    parts = [{"type": "image_url", "image_url": {"url": shown}}]
    answer = await chat.post(
        "/v1/chat/completions", json={"model": MODEL, "messages": [{"role": role, "content": parts}]}
    )
    assert (answer.status_code, told in answer.json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_has_a_field_of_its_own(chat, stream):
    """And no content: whole, and piece by piece."""
    await chat.post("/sandbox/faults", json={"mode": "refuse", "times": 1})
    answer = await chat.post("/v1/chat/completions", json=asked(stream=stream))
    assert '"refusal":"I\'m sorry' in answer.text.replace('": "', '":"')
    assert "Rules" not in answer.text
