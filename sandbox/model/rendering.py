"""An answer as the vendor's `message` object, cut where the request says."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.model.answer import Answer
from sandbox.model.canonical import canonical, digest
from sandbox.model.conversation import Conversation
from sandbox.model.thinking import thinking_block
from sandbox.model.tokens import CHARACTERS_A_TOKEN, estimate
from sandbox.model.usage import PromptUsage

Blocks = list[dict[str, Any]]


def render(
    conversation: Conversation, answer: Answer, usage: PromptUsage, *, prefix: str, tier: str = "standard"
) -> dict[str, Any]:
    """The whole response body. Ids come from the request's hash: the same request, the same answer."""
    blocks, reason, stopped_by = _cut(conversation, _blocks(conversation, answer))
    return {
        "id": f"msg_{digest(conversation.fingerprint)[:24]}",
        "type": "message",
        "role": "assistant",
        "model": prefix + conversation.model,
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": stopped_by,
        "usage": usage.rendered(sum(_tokens(block) for block in blocks), tier),
    }


def _blocks(conversation: Conversation, answer: Answer) -> Blocks:
    blocks: Blocks = []
    if conversation.thinking and answer.reasoning:
        blocks.append(dict(thinking_block(answer.reasoning)))
    text = answer.text
    if answer.document is not None and not text:
        text = json.dumps(answer.document, ensure_ascii=False)
    if text:
        blocks.append({"type": "text", "text": text})
    for index, call in enumerate(answer.calls):
        blocks.append(
            {
                "type": "tool_use",
                "id": f"toolu_{digest(conversation.fingerprint, index)[:24]}",
                "name": call.name,
                "input": dict(call.arguments),
            }
        )
    return blocks


def _cut(conversation: Conversation, blocks: Blocks) -> tuple[Blocks, str, str | None]:
    blocks, stopped_by = _cut_at_sequence(conversation, blocks)
    kept: Blocks = []
    left = conversation.max_tokens
    for block in blocks:
        if _tokens(block) > left:
            return kept + _begun(block, left), "max_tokens", None
        left -= _tokens(block)
        kept.append(block)
    if stopped_by:
        return kept, "stop_sequence", stopped_by
    return kept, "tool_use" if any(b["type"] == "tool_use" for b in kept) else "end_turn", None


def _cut_at_sequence(conversation: Conversation, blocks: Blocks) -> tuple[Blocks, str | None]:
    for index, block in enumerate(blocks):
        text = str(block.get("text", ""))
        found = [(text.index(stop), stop) for stop in conversation.stop_sequences if stop in text]
        if found:
            place, stop = min(found)
            return [*blocks[:index], {**block, "text": text[:place]}], stop
    return blocks, None


def _begun(block: Mapping[str, Any], tokens: int) -> Blocks:
    if block["type"] != "text" or not tokens:
        return []
    return [{**block, "text": block["text"][: tokens * CHARACTERS_A_TOKEN]}]


def _tokens(block: Mapping[str, Any]) -> int:
    if block["type"] == "tool_use":
        return estimate(block["name"]) + estimate(canonical(block["input"]))
    return estimate(str(block.get("text") or block.get("thinking")))
