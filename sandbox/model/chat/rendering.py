"""An answer as this vendor's `chat.completion` object, cut where the request says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.model.answer import Answer
from sandbox.model.canonical import canonical, digest
from sandbox.model.conversation import Conversation
from sandbox.model.tokens import CHARACTERS_A_TOKEN, estimate

Json = dict[str, Any]

NO = "I'm sorry, I can't assist with that request."


@dataclass(frozen=True)
class Prompt:
    """Tokens of a request's prompt, and how many of them came from the cache."""

    tokens: int
    cached: int


def render(conversation: Conversation, answer: Answer, prompt: Prompt, *, prefix: str, created: int) -> Json:
    """The whole response body. Ids come from the request's hash: the same request, the same answer."""
    text, calls, reason = _cut(conversation, _text(answer), _calls(conversation, answer))
    message: Json = {"role": "assistant", "content": text or None, "refusal": None, "annotations": []}
    if calls:
        message["tool_calls"] = calls
    return {
        "id": f"chatcmpl-{digest(conversation.fingerprint)[:24]}",
        "object": "chat.completion",
        "created": created,
        "model": prefix + conversation.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        "usage": _usage(prompt, estimate(text) + sum(map(_tokens, calls))),
        "service_tier": "default",
        "system_fingerprint": "fp_sandbox",
    }


def refused(completion: Json) -> Json:
    """The completion as the vendor's safety leaves it: https://platform.openai.com/docs/guides/structured-outputs#refusals"""
    (choice,) = completion["choices"]
    message: Json = {"role": "assistant", "content": None, "refusal": NO, "annotations": []}
    return {**completion, "choices": [{**choice, "message": message, "finish_reason": "stop"}]}


def _usage(prompt: Prompt, completion: int) -> Json:
    """The cached tokens are among the prompt's."""
    return {
        "prompt_tokens": prompt.tokens,
        "completion_tokens": completion,
        "total_tokens": prompt.tokens + completion,
        "prompt_tokens_details": {"cached_tokens": prompt.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _text(answer: Answer) -> str:
    if answer.document is not None and not answer.text:
        return json.dumps(answer.document, ensure_ascii=False)
    return answer.text


def _calls(conversation: Conversation, answer: Answer) -> list[Json]:
    return [
        {
            "id": f"call_{digest(conversation.fingerprint, index)[:24]}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments), ensure_ascii=False)},
        }
        for index, call in enumerate(answer.calls)
    ]


def _cut(conversation: Conversation, text: str, calls: list[Json]) -> tuple[str, list[Json], str]:
    for stop in conversation.stop_sequences:
        if stop in text:
            return text.partition(stop)[0], [], "stop"
    left = conversation.max_tokens - estimate(text)
    if left < 0:
        return text[: conversation.max_tokens * CHARACTERS_A_TOKEN], [], "length"
    kept: list[Json] = []
    for call in calls:
        left -= _tokens(call)
        if left < 0:
            return text, kept, "length"
        kept.append(call)
    return text, kept, "tool_calls" if kept else "stop"


def _tokens(call: Mapping[str, Any]) -> int:
    function = call["function"]
    return estimate(function["name"]) + estimate(canonical(json.loads(function["arguments"])))
