"""Read a Messages API request into a `Conversation`, or refuse it as the vendor does.

Fields and messages: https://platform.claude.com/docs/en/api/messages/create
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.model.answer_schema import refuse_unsupported
from sandbox.model.attachments import attached
from sandbox.model.canonical import digest
from sandbox.model.conversation import Conversation, ToolCall, ToolChoice, ToolResult, ToolSpec, Turn, Wanted
from sandbox.model.errors import bad_request
from sandbox.model.pairing import refuse_blank, refuse_unpaired
from sandbox.model.thinking import refuse_forged, refuse_lost, refuse_thoughtless

_FIELDS = (
    "model messages max_tokens system tools tool_choice stream metadata stop_sequences temperature top_p top_k "
    "thinking output_config output_format cache_control service_tier container context_management mcp_servers "
    "inference_geo speed diagnostics user_profile_id workspace_id betas"
)
KNOWN = frozenset(_FIELDS.split())
NOT_ANSWER = ("stream", "metadata", "service_tier")
"""Fields that don't change the answer, and so not its ids."""


def read(body: Any, *, needs_max_tokens: bool = True) -> Conversation:
    """The request as a value. `needs_max_tokens` is off for token counting.

    Raises `VendorError` (400) for what the vendor would refuse.
    """
    if not isinstance(body, dict):
        raise bad_request("The request body is not a JSON object")
    for key in body.keys() - KNOWN:
        raise bad_request(f"{key}: Extra inputs are not permitted")
    messages = _list(body, "messages")
    refuse_unpaired(messages)
    refuse_blank(messages)
    refuse_forged(messages)
    tools = tuple(_tool(index, tool) for index, tool in enumerate(body.get("tools") or []))
    choice = _choice(body.get("tool_choice"), tools)
    thinking = _thinks(body.get("thinking"), choice)
    if thinking:
        refuse_thoughtless(body["thinking"], body.get("max_tokens"))
        refuse_lost(messages)
    return Conversation(
        model=_text(body, "model"),
        max_tokens=_max_tokens(body) if needs_max_tokens else 0,
        turns=tuple(_merged(_turn(message) for message in messages)),
        system=_words(body.get("system") or ""),
        tools=tools,
        choice=choice,
        wanted=_wanted(body, tools, choice),
        stop_sequences=tuple(body.get("stop_sequences") or ()),
        thinking=thinking,
        stream=bool(body.get("stream")),
        attachments=attached(messages),
        fingerprint=digest({key: value for key, value in body.items() if key not in NOT_ANSWER}),
    )


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if value is None:
        raise bad_request(f"{key}: Field required")
    if not isinstance(value, str) or not value:
        raise bad_request(f"{key}: Input should be a valid string")
    return value


def _max_tokens(body: Mapping[str, Any]) -> int:
    value = body.get("max_tokens")
    if value is None:
        raise bad_request("max_tokens: Field required")
    if not isinstance(value, int) or value < 0:
        raise bad_request("max_tokens: Input should be greater than or equal to 0")
    return value


def _list(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = body.get(key)
    if value is None:
        raise bad_request(f"{key}: Field required")
    if not isinstance(value, list) or not value:
        raise bad_request(f"{key}: at least one message is required")
    return value


def _tool(index: int, tool: Mapping[str, Any]) -> ToolSpec:
    if not tool.get("name"):
        raise bad_request(f"tools.{index}.name: Field required")
    return ToolSpec(str(tool["name"]), tool.get("input_schema") or {"type": "object"})


def _choice(value: Mapping[str, Any] | None, tools: tuple[ToolSpec, ...]) -> ToolChoice:
    if value is None:
        return ToolChoice()
    choice = ToolChoice(
        type=str(value.get("type", "")),
        name=str(value.get("name", "")),
        parallel=not value.get("disable_parallel_tool_use", False),
    )
    if choice.type not in {"auto", "any", "none", "tool"}:
        raise bad_request("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")
    if not tools and choice.type != "none":
        raise bad_request("tool_choice: may only be specified while providing tools")
    if choice.type == "tool" and choice.name not in {tool.name for tool in tools}:
        raise bad_request(f"tool_choice.name: Tool '{choice.name}' not found in provided tools")
    return choice


def _wanted(body: Mapping[str, Any], tools: tuple[ToolSpec, ...], choice: ToolChoice) -> Wanted | None:
    wished = (body.get("output_config") or {}).get("format") or body.get("output_format")
    if wished:
        if wished.get("type") != "json_schema" or not isinstance(wished.get("schema"), dict):
            raise bad_request("output_config.format: Input should have type 'json_schema' and a schema")
        refuse_unsupported(wished["schema"])
        return Wanted(wished["schema"])
    if choice.type == "tool":
        return next(Wanted(tool.schema, tool.name) for tool in tools if tool.name == choice.name)
    return None


def _thinks(value: Mapping[str, Any] | None, choice: ToolChoice) -> bool:
    enabled = bool(value) and (value or {}).get("type") in {"enabled", "adaptive"}
    if enabled and choice.type in {"any", "tool"}:
        raise bad_request("Thinking may not be enabled when tool_choice forces tool use.")
    return enabled


def _turn(message: Mapping[str, Any]) -> Turn:
    content = message["content"]
    blocks: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return Turn(
        role=message["role"],
        text=_words(blocks),
        calls=tuple(
            ToolCall(str(block["id"]), str(block["name"]), block.get("input", {}))
            for block in blocks
            if block.get("type") == "tool_use"
        ),
        results=tuple(
            ToolResult(block["tool_use_id"], _words(block.get("content") or ""), bool(block.get("is_error")))
            for block in blocks
            if block.get("type") == "tool_result"
        ),
    )


def _words(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text", "")) for block in content if block.get("type") == "text")


def _merged(turns: Iterable[Turn]) -> list[Turn]:
    merged: list[Turn] = []
    for turn in turns:
        if merged and merged[-1].role == turn.role:
            last = merged.pop()
            text = "\n".join(part for part in (last.text, turn.text) if part)
            merged.append(Turn(turn.role, text, last.calls + turn.calls, last.results + turn.results))
        else:
            merged.append(turn)
    return merged
