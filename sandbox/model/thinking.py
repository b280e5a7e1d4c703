"""Thinking blocks: signed when they leave, checked when they come back, as the vendor does."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.model.canonical import digest
from sandbox.model.errors import bad_request


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


def _signature(reasoning: str) -> str:
    return digest("sandbox thinking", reasoning)
