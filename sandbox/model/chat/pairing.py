"""What this vendor checks of a conversation's shape: known roles and fields, and a tool message for every call."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.model.chat.errors import RefusedRequestError, invalid, missing, unknown

FIELDS = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "tool_calls", "refusal", "audio", "function_call", "annotations"},
    "tool": {"role", "content", "tool_call_id"},
}


def refuse_misshapen(messages: Sequence[Mapping[str, Any]]) -> None:
    """Raises `VendorError` (400) for an unknown role or field, and a call or an answer that stands alone."""
    open_calls: set[str] = set()
    for index, message in enumerate(messages):
        _refuse_strange(index, message)
        if message["role"] == "tool":
            open_calls = _answered(index, message, open_calls)
        elif open_calls:
            raise _unanswered(index - 1, open_calls)
        else:
            open_calls = {str(call.get("id")) for call in message.get("tool_calls") or ()}
    if open_calls:
        raise _unanswered(len(messages) - 1, open_calls)


def _refuse_strange(index: int, message: Mapping[str, Any]) -> None:
    role = message.get("role")
    if role not in FIELDS:
        known = ", ".join(f"'{each}'" for each in FIELDS)
        raise invalid(f"messages[{index}].role", f"Invalid value: '{role}'. Supported values are: {known}.")
    for key in sorted(message.keys() - FIELDS[role]):
        raise unknown(f"messages[{index}].{key}")
    if role == "tool" and "tool_call_id" not in message:
        raise missing(f"messages[{index}].tool_call_id")
    if message.get("content") is None and not (role == "assistant" and message.get("tool_calls")):
        raise invalid(f"messages[{index}].content", "Invalid value for 'content': expected a string, got null.")
    content = message.get("content")
    for number, part in enumerate(content if isinstance(content, list) else ()):
        for key in sorted(part.keys() - {"type", "text", "image_url", "file", "input_audio", "refusal"}):
            raise unknown(f"messages[{index}].content[{number}].{key}")


def _answered(index: int, message: Mapping[str, Any], open_calls: set[str]) -> set[str]:
    name = str(message["tool_call_id"])
    if name not in open_calls:
        raise RefusedRequestError(
            "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
            f"messages.[{index}].role",
        )
    return open_calls - {name}


def _unanswered(index: int, ids: set[str]) -> RefusedRequestError:
    return RefusedRequestError(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(sorted(ids))}",
        f"messages.[{index}].role",
    )
