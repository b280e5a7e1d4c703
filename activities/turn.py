"""One turn of a conversation, in the Anthropic Messages format. Pure.

Format: https://docs.claude.com/en/api/messages (tool results come first in a user message).
"""

from collections.abc import Mapping
from typing import Any

from contracts.calls import ModelCall, ToolResultRef

Message = dict[str, Any]


def user_turn(call: ModelCall, texts: Mapping[str, str]) -> Message:
    """The new user message of a call: tool results, gathered material, and what is said. `texts`: by blob hash."""
    content = [_result(result, texts) for result in call.results]
    content += [_text(_material(item.title, texts[item.ref] if item.ref else item.text)) for item in call.material]
    if call.say:
        content.append(_text(call.say))
    return {"role": "user", "content": content}


def refs(call: ModelCall) -> tuple[str, ...]:
    """The blobs that a call needs."""
    wanted = (
        call.system,
        call.toolset,
        call.schema_ref,
        *(result.ref for result in call.results),
        *(item.ref for item in call.material),
    )
    return tuple(ref for ref in wanted if ref)


def _result(result: ToolResultRef, texts: Mapping[str, str]) -> Message:
    text = "\n\n".join(part for part in (result.text, texts.get(result.ref, "")) if part)
    block = {"type": "tool_result", "tool_use_id": result.tool_use_id, "content": text or "(nothing)"}
    return {**block, "is_error": True} if result.is_error else block


def _material(title: str, text: str) -> str:
    return f'<material title="{title}">\n{text}\n</material>'


def _text(text: str) -> Message:
    return {"type": "text", "text": text}
