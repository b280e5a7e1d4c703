"""A call as the request's parameters: cache breakpoints, the answer's schema, and whose call it is."""

import json
from typing import Any

from anthropic import transform_schema

from gateway.call import Block, Call

_BREAKPOINT = {"type": "ephemeral"}
_FOR_AN_HOUR = {"type": "ephemeral", "ttl": "1h"}


def parameters(call: Call) -> dict[str, Any]:
    """Keyword arguments of `messages.create`."""
    asked: dict[str, Any] = {
        "model": call.model or call.role,
        "max_tokens": call.max_tokens,
        "messages": _messages(call.messages),
        "extra_headers": _attribution(call),
    }
    if call.system:
        # tools stand ahead of the system prompt in the cached prefix, so this one breakpoint covers both
        kept = _FOR_AN_HOUR if call.cache_ttl == "1h" else _BREAKPOINT
        asked["system"] = [{"type": "text", "text": call.system, "cache_control": kept}]
    if call.tools:
        asked["tools"] = list(call.tools)
        if not call.may_use_tools:
            asked["tool_choice"] = {"type": "none"}
    if call.answer_schema is not None:
        # keywords that a vendor's constrained decoding refuses (maxLength, ...) become part of the description
        schema = transform_schema(call.answer_schema)
        asked["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return asked


def _messages(messages: tuple[Block, ...]) -> list[Block]:
    """The conversation, with a breakpoint at its end: the next turn reads all of it from the cache."""
    if not messages:
        return []
    *earlier, last = messages
    content = last["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    blocks[-1] = {**blocks[-1], "cache_control": _BREAKPOINT}
    return [*earlier, {**last, "content": blocks}]


def _attribution(call: Call) -> dict[str, str]:
    """LiteLLM's headers for accounts; headers are ASCII, so what isn't is escaped."""
    return {
        "x-litellm-call-id": call.call_id,
        "x-farm-role": call.role,  # a run that keeps its model asks by the model's name
        "x-litellm-tags": ",".join(f"{key}:{value}" for key, value in call.tags.items())
        .encode("ascii", "replace")
        .decode(),
        "x-litellm-spend-logs-metadata": json.dumps(call.tags),
    }
