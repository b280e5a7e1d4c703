"""Thinking blocks: signed when they leave, checked when they come back, as the vendor does.

https://platform.claude.com/docs/en/build-with-claude/extended-thinking
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.model.canonical import digest
from sandbox.model.errors import bad_request

FEWEST = 1024
THOUGHTS = ("thinking", "redacted_thinking")


def thinking_block(reasoning: str) -> dict[str, str]:
    """The rule's own reason, as a thinking block."""
    return {"type": "thinking", "thinking": reasoning, "signature": _signature(reasoning)}


def refuse_forged(messages: Sequence[Mapping[str, Any]]) -> None:
    """Raises `VendorError` (400) when a thinking block came back changed."""
    for index, message in enumerate(messages):
        content = message.get("content")
        for number, block in enumerate(content if isinstance(content, list) else []):
            if block.get("type") != "thinking":
                continue
            if block.get("signature") != _signature(str(block.get("thinking", ""))):
                raise bad_request(f"messages.{index}.content.{number}: Invalid `signature` in `thinking` block")


def refuse_thoughtless(asked: Mapping[str, Any], max_tokens: Any) -> None:
    """Raises `VendorError` (400) for fewer tokens to think with than the vendor takes, or as many as the answer has."""
    budget = asked.get("budget_tokens")
    if asked.get("type") != "enabled":
        return
    if not isinstance(budget, int) or budget < FEWEST:
        raise bad_request(f"thinking.enabled.budget_tokens: Input should be greater than or equal to {FEWEST}")
    if isinstance(max_tokens, int) and budget >= max_tokens:
        raise bad_request("`max_tokens` must be greater than `thinking.budget_tokens`")


def refuse_lost(messages: Sequence[Mapping[str, Any]]) -> None:
    """Raises `VendorError` (400) where the tool calls under way came with thoughts, and those didn't come back."""
    said = [index for index, message in enumerate(messages) if message.get("role") == "assistant"]
    if not said or messages[-1].get("role") == "assistant":
        return
    last = messages[said[-1]].get("content")
    kinds = [str(block.get("type")) for block in last] if isinstance(last, list) else []
    if "tool_use" in kinds and kinds[0] not in THOUGHTS:
        where = f"messages.{said[-1]}.content.0"
        raise bad_request(
            f"{where}.type: Expected `thinking` or `redacted_thinking`, but found `{kinds[0]}`. When `thinking` is "
            "enabled, a final `assistant` message must start with a thinking block."
        )


def _signature(reasoning: str) -> str:
    return digest("sandbox thinking", reasoning)
