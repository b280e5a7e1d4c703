"""One turn of a conversation, in the Anthropic Messages format. Pure.

Format: https://docs.claude.com/en/api/messages (tool results come first in a user message).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.calls import ModelCall, ToolResultRef

Message = dict[str, Any]

LONGEST = 100_000
"""Characters of one result or material that a model is shown: some 25,000 tokens."""


def user_turn(call: ModelCall, texts: Mapping[str, str]) -> Message:
    """The new user message of a call: tool results, gathered material, and what is said. `texts`: by blob hash."""
    content = [_result(result, texts) for result in call.results]
    content += [_text(_material(item.title, texts[item.ref] if item.ref else item.text)) for item in call.material]
    if call.say:
        content.append(_text(call.say))
    return {"role": "user", "content": content}


def folded(messages: Sequence[Message], summary: str, pinned: Sequence[str]) -> list[Message]:
    """A conversation made short: its opening as it was, then what came of the rest, in the assistant's own words."""
    told = f"Summary of what came after:\n\n{summary}"
    if pinned:
        told += "\n\nOn record, word for word:\n" + "\n".join(f"- {fact}" for fact in pinned)
    return [*messages[:1], {"role": "assistant", "content": [_text(told)]}]


def refs(call: ModelCall) -> tuple[str, ...]:
    """The blobs that a call's new message needs."""
    wanted = (*(result.ref for result in call.results), *(item.ref for item in call.material))
    return tuple(ref for ref in wanted if ref)


def _result(result: ToolResultRef, texts: Mapping[str, str]) -> Message:
    text = "\n\n".join(part for part in (result.text, texts.get(result.ref, "")) if part)
    block = {"type": "tool_result", "tool_use_id": result.tool_use_id, "content": _fitting(text) or "(nothing)"}
    return {**block, "is_error": True} if result.is_error else block


def _material(title: str, text: str) -> str:
    return f'<material title="{title}">\n{_fitting(text)}\n</material>'


def _fitting(text: str) -> str:
    """One result must not fill a model's window. The whole stays in the store."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n(cut here: {len(text) - LONGEST} characters more; ask for less at once)"


def _text(text: str) -> Message:
    return {"type": "text", "text": text}
