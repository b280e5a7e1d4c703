"""What the vendor checks of a conversation's shape: roles, and a result for every tool call right after it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.model.errors import bad_request

ROLES = ("user", "assistant", "system")


def refuse_unpaired(messages: Sequence[Mapping[str, Any]]) -> None:
    """Raises `VendorError` (400) for an unknown role, a call without its result, or a result without its call."""
    open_calls: set[str] = set()
    for index, message in enumerate(messages):
        if message.get("role") not in ROLES:
            raise bad_request(f"messages.{index}.role: Input should be 'user', 'assistant' or 'system'")
        if index == 0 and message["role"] == "assistant":
            raise bad_request('messages: first message must use the "user" role')
        open_calls = _settle(index, _blocks(index, message), open_calls)
    if open_calls:
        _refuse_open(len(messages) - 1, open_calls)


def refuse_blank(messages: Sequence[Mapping[str, Any]]) -> None:
    """Raises `VendorError` (400) for a block of text with no text in it."""
    for index, message in enumerate(messages):
        for block in _blocks(index, message):
            if block.get("type") == "text" and not block.get("text"):
                raise bad_request("messages: text content blocks must be non-empty")


def _settle(index: int, blocks: Sequence[Mapping[str, Any]], open_calls: set[str]) -> set[str]:
    answered = {str(block.get("tool_use_id")) for block in blocks if block.get("type") == "tool_result"}
    for stray in sorted(answered - open_calls):
        raise bad_request(
            f"messages.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {stray}. "
            "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
        )
    if open_calls - answered:
        _refuse_open(index - 1, open_calls - answered)
    return {str(block.get("id")) for block in blocks if block.get("type") == "tool_use"}


def _refuse_open(index: int, ids: set[str]) -> None:
    raise bad_request(
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
        f"{', '.join(sorted(ids))}. Each `tool_use` block must have a corresponding `tool_result` block "
        "in the next message."
    )


def _blocks(index: int, message: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return []
    if isinstance(content, list) and all(isinstance(block, dict) for block in content):
        return content
    raise bad_request(f"messages.{index}.content: Input should be a valid string or list of blocks")
