"""The stand-in as a cloud that hosts the vendor's models: Converse over HTTP, by the same rules."""

import json
import re
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.model.test_chat import NEWS, TRIAGE

MODEL = "eu.anthropic.claude-sonnet-5-5"
TOOLS = [
    {
        "toolSpec": {
            "name": name,
            "inputSchema": {"json": {"type": "object", "properties": {"deal_id": {"type": "integer"}}}},
        }
    }
    for name in ("crm__get_deal", "crm__list_mails")
]
POINT = {"cachePoint": {"type": "default"}}

Json = dict[str, Any]


def asked(said: str = "Hello there", **more: Any) -> Json:
    return {"messages": [{"role": "user", "content": [{"text": said}]}], **more}


@pytest.fixture
async def host(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers={"authorization": "Bearer any"}) as client:
        yield client


async def converse(host: httpx.AsyncClient, body: Json, status: int = 200) -> Json:
    answer = await host.post(f"/model/{MODEL}/converse", json=body)
    assert answer.status_code == status, answer.text
    told: Json = answer.json()
    return told


def said(answer: Json) -> list[Json]:
    content: list[Json] = answer["output"]["message"]["content"]
    return content


async def test_an_answer_says_that_it_is_no_model(host):
    """In its words; who answered, Converse has no field for."""
    answer = await converse(host, asked(inferenceConfig={"maxTokens": 500}))
    assert "Rules, not a language model" in said(answer)[0]["text"]
    assert answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]


async def test_tools_are_used_and_their_results_read(host):
    """The results come back as blocks, text or JSON."""
    first = await converse(host, asked(NEWS, toolConfig={"tools": TOOLS}))
    uses = [block["toolUse"] for block in said(first)]
    assert [(each["name"], each["input"]) for each in uses] == [
        ("crm__get_deal", {"deal_id": 42}),
        ("crm__list_mails", {"deal_id": 42}),
    ]
    assert first["stopReason"] == "tool_use"
    results = [{"toolResult": {"toolUseId": each["toolUseId"], "content": [{"json": {}}]}} for each in uses]
    talk = [*asked(NEWS)["messages"], first["output"]["message"], {"role": "user", "content": results}]
    assert said(await converse(host, {"messages": talk, "toolConfig": {"tools": TOOLS}}))


async def test_a_structured_answer_fits_its_schema(host):
    """The schema goes as text, as the host has it."""
    schema = {"schema": json.dumps(TRIAGE), "name": "triage"}
    wanted = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
    assert json.loads(said(await converse(host, asked(NEWS, outputConfig=wanted)))[0]["text"])["verdict"] == "act"


async def test_what_stands_before_a_cache_point_is_cached(host):
    """System, tools and messages, as by the vendor's own breakpoints."""
    system = [{"text": "x" * 4 * 2000}, POINT]
    first, second = [(await converse(host, asked(system=system)))["usage"] for _ in range(2)]
    assert (first["cacheWriteInputTokens"], first["cacheReadInputTokens"]) == (2000, 0)
    assert (second["cacheWriteInputTokens"], second["cacheReadInputTokens"]) == (0, 2000)


async def test_a_stream_put_together_is_the_answer(host):
    """Framed with lengths and checksums; a tool's arguments in pieces."""
    body = asked(NEWS, toolConfig={"tools": TOOLS})
    whole = said(await converse(host, body))
    raw = (await host.post(f"/model/{MODEL}/converse-stream", json=body)).content
    told = list(_events(raw))
    assert (told[0][0], told[-2], told[-1][0]) == (
        "messageStart",
        ("messageStop", {"stopReason": "tool_use"}),
        "metadata",
    )
    started = [each["start"]["toolUse"]["toolUseId"] for kind, each in told if kind == "contentBlockStart"]
    assert started == [block["toolUse"]["toolUseId"] for block in whole]
    pieces = [each["delta"]["toolUse"]["input"] for kind, each in told if kind == "contentBlockDelta"]
    assert "".join(pieces) == "".join(json.dumps(block["toolUse"]["input"]) for block in whole)


def _events(raw: bytes) -> Iterator[tuple[str, Json]]:
    """The type and the content of each frame, its checksums checked."""
    while raw:
        size, headers = struct.unpack(">II", raw[:8])
        assert struct.unpack(">I", raw[8:12])[0] == zlib.crc32(raw[:8])
        assert struct.unpack(">I", raw[size - 4 : size])[0] == zlib.crc32(raw[: size - 4])
        yield _headers(raw[12 : 12 + headers])[":event-type"], json.loads(raw[12 + headers : size - 4])
        raw = raw[size:]


def _headers(raw: bytes) -> dict[str, str]:
    found = {}
    while raw:
        name, raw = raw[1 : 1 + raw[0]].decode(), raw[1 + raw[0] :]
        kind, length = struct.unpack(">BH", raw[:3])
        assert kind == 7
        found[name], raw = raw[3 : 3 + length].decode(), raw[3 + length :]
    return found


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (asked(max_tokens=5), r"extraneous key \[max_tokens\]"),
        (asked(inferenceConfig={"topK": 5}), r"extraneous key \[inferenceConfig.topK\]"),
        (asked(toolConfig={"tools": TOOLS, "toolChoice": {"none": {}}}), "must be one of auto, any, tool"),
        ({"messages": [{"role": "user", "content": [{"poem": {}}]}]}, "no content block is made of poem"),
    ],
)
async def test_what_the_host_refuses_is_refused(host, body, told):
    """With a sentence that names what is wrong."""
    assert re.search(told, (await converse(host, body, 400))["message"])


async def test_a_fault_is_told_in_the_hosts_way(host):
    """By a header with the error's type; a stranger is sent away."""
    await host.post("/sandbox/faults", json={"mode": "rate-limit", "times": 1, "model": "anthropic."})
    answer = await host.post(f"/model/{MODEL}/converse", json=asked())
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (429, "ThrottlingException")
    stranger = await host.post(f"/model/{MODEL}/converse", json=asked(), headers={"authorization": ""})
    assert stranger.status_code == 403
