"""A message of the other vendor's as Converse answers it, whole or as the events of a stream.

Fields: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and ..._ConverseStream.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

PIECE = 40
"""Characters in one delta."""


def render(message: Mapping[str, Any]) -> Json:
    """The response body. Which model answered, Converse doesn't say: whoever asked has named it."""
    return {
        "output": {"message": {"role": "assistant", "content": [_block(each) for each in message["content"]]}},
        "stopReason": message["stop_reason"],
        "usage": _usage(message["usage"]),
        "metrics": {"latencyMs": 1},
    }


def events(message: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """The type and the content of each event, in order."""
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(message["content"]):
        if block["type"] == "tool_use":
            start = {"toolUse": {"toolUseId": block["id"], "name": block["name"]}}
            yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
        for delta in _deltas(block):
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}
        yield "contentBlockStop", {"contentBlockIndex": index}
    yield "messageStop", {"stopReason": message["stop_reason"]}
    yield "metadata", {"usage": _usage(message["usage"]), "metrics": {"latencyMs": 1}}


def _block(block: Mapping[str, Any]) -> Json:
    match block["type"]:
        case "text":
            return {"text": block["text"]}
        case "thinking":
            told = {"text": block["thinking"], "signature": block["signature"]}
            return {"reasoningContent": {"reasoningText": told}}
        case _:
            return {"toolUse": {"toolUseId": block["id"], "name": block["name"], "input": block["input"]}}


def _deltas(block: Mapping[str, Any]) -> Iterator[Json]:
    match block["type"]:
        case "text":
            yield from ({"text": piece} for piece in _pieces(block["text"]))
        case "thinking":
            yield from ({"reasoningContent": {"text": piece}} for piece in _pieces(block["thinking"]))
            yield {"reasoningContent": {"signature": block["signature"]}}
        case _:
            written = json.dumps(block["input"], ensure_ascii=False)
            yield from ({"toolUse": {"input": piece}} for piece in _pieces(written))


def _usage(usage: Mapping[str, Any]) -> Json:
    read, written = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
    return {
        "inputTokens": usage["input_tokens"],
        "outputTokens": usage["output_tokens"],
        "totalTokens": usage["input_tokens"] + usage["output_tokens"] + read + written,
        "cacheReadInputTokens": read,
        "cacheWriteInputTokens": written,
    }


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))
