"""A finished completion told as this vendor's server-sent chunks.

Order and fields: https://platform.openai.com/docs/api-reference/chat-streaming
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

PIECE = 40
"""Characters in one delta."""

DONE = "data: [DONE]\n\n"

Json = dict[str, Any]


def chunks(completion: Mapping[str, Any], *, with_usage: bool) -> Iterator[Json]:
    """The chunks of a completion, in order; put together again they give its message."""
    (choice,) = completion["choices"]
    head = {key: completion[key] for key in ("id", "created", "model", "service_tier", "system_fingerprint")}
    head |= {"object": "chat.completion.chunk", **({"usage": None} if with_usage else {})}
    opening = {"role": "assistant", "content": "", "refusal": None}
    for delta in (opening, *_deltas(choice["message"])):
        yield {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}]}
    if with_usage:
        yield {**head, "choices": [], "usage": completion["usage"]}


def encode(chunk: Mapping[str, Any]) -> str:
    """One chunk on the wire."""
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _deltas(message: Mapping[str, Any]) -> Iterator[Json]:
    yield from ({"content": piece} for piece in _pieces(message["content"] or ""))
    yield from ({"refusal": piece} for piece in _pieces(message["refusal"] or ""))
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        named = {"name": function["name"], "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": named}]}
        for piece in _pieces(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + PIECE] for start in range(0, len(text), PIECE))
