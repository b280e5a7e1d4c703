"""A call as the request's parameters: cache breakpoints, the answer's schema, and whose call it is."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from anthropic import transform_schema

from gateway.calls.call import Block, Call

_BREAKPOINT = {"type": "ephemeral"}
_FOR_AN_HOUR = {"type": "ephemeral", "ttl": "1h"}
_HEADER = ("tools", "system", "output_config")
"""What stands ahead of the conversation, or decides what does: a change of any loses the vendor's cache of it."""


def parameters(call: Call) -> dict[str, Any]:
    """Keyword arguments of `messages.create`."""
    asked: dict[str, Any] = {
        "model": call.model or call.role,
        "max_tokens": call.max_tokens,
        "messages": _messages(call.messages, _ends(call)),
        "extra_headers": _attribution(call),
    }
    if call.temperature is not None:
        asked["temperature"] = call.temperature
    if call.system:
        # tools stand ahead of the system prompt in the cached prefix, so this one breakpoint covers both
        kept = _FOR_AN_HOUR if call.cache_ttl == "1h" else _BREAKPOINT
        asked["system"] = [{"type": "text", "text": call.system, "cache_control": kept}]
    if call.tools:
        asked["tools"] = list(call.tools)
        if not call.may_use_tools:
            asked["tool_choice"] = {"type": "none"}
    if call.thinking_tokens:
        asked["thinking"] = {"type": "enabled", "budget_tokens": call.thinking_tokens}
    if call.answer_schema is not None:
        # keywords that a vendor's constrained decoding refuses (maxLength, ...) become part of the description
        schema = transform_schema(call.answer_schema)
        asked["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return asked


def header_hash(asked: Mapping[str, Any]) -> str:
    """What two requests with one have in common: the same bytes ahead of their conversations, whoever sent them."""
    said = json.dumps([_bare(asked.get(part)) for part in _HEADER], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def request_hash(asked: Mapping[str, Any]) -> str:
    """Of all that a model is asked, whoever asks it and by which call."""
    said = {name: value for name, value in asked.items() if name != "extra_headers"}
    said["messages"] = [{**each, "content": _bare(each["content"])} for each in said["messages"]]
    written = json.dumps({**said, "system": _bare(said.get("system"))}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _bare(part: Any) -> Any:
    """Without its breakpoints: they say what is kept, and are no part of it."""
    if not isinstance(part, list):
        return part
    return [{key: value for key, value in block.items() if key != "cache_control"} for block in part]


def _ends(call: Call) -> list[int]:
    """After which messages a breakpoint stands: at the conversation's end, so that the next turn reads all of it from
    the cache; and where the turn before had its end. The vendor looks back 20 blocks from a breakpoint, and a turn of
    many tool calls has more.

    A conversation that isn't known to go on has none: writing costs a quarter more than sending, for nobody to read.
    """
    return [index for index, each in enumerate(call.messages) if each["role"] == "user"][-2:] if call.goes_on else []


def _messages(messages: tuple[Block, ...], ends: list[int]) -> list[Block]:
    return [_in_blocks(message, last=index in ends) for index, message in enumerate(messages)]


def _in_blocks(message: Block, *, last: bool) -> Block:
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    if last:
        blocks[-1] = {**blocks[-1], "cache_control": _BREAKPOINT}
    return {**message, "content": blocks}


def _attribution(call: Call) -> dict[str, str]:
    """LiteLLM's headers for accounts; headers are ASCII, so what isn't is escaped."""
    return {
        "x-litellm-call-id": call.call_id,
        "idempotency-key": call.call_id,
        "x-farm-role": call.role,  # a run that keeps its model asks by the model's name
        "x-litellm-tags": ",".join(f"{key}:{value}" for key, value in call.tags.items())
        .encode("ascii", "replace")
        .decode(),
        "x-litellm-spend-logs-metadata": json.dumps(call.tags),
    }
