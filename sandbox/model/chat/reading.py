"""Read a chat completions request into a `Conversation`, or refuse it as the vendor does.

Fields and messages: https://platform.openai.com/docs/api-reference/chat/create
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.model.canonical import digest
from sandbox.model.chat.answer_schema import refuse_loose
from sandbox.model.chat.attachments import attached
from sandbox.model.chat.errors import RefusedRequestError, invalid, missing, unknown
from sandbox.model.chat.pairing import refuse_misshapen
from sandbox.model.conversation import Conversation, ToolCall, ToolChoice, ToolResult, ToolSpec, Turn, Wanted

_FIELDS = (
    "model messages max_tokens max_completion_tokens tools tool_choice parallel_tool_calls response_format stream "
    "stream_options stop temperature top_p n user metadata store service_tier reasoning_effort verbosity seed logprobs "
    "top_logprobs logit_bias presence_penalty frequency_penalty prediction modalities audio prompt_cache_key "
    "prompt_cache_retention safety_identifier web_search_options"
)
KNOWN = frozenset(_FIELDS.split())
NOT_ANSWER = ("stream", "stream_options", "metadata", "user", "service_tier", "store", "prompt_cache_key")
"""Fields that don't change the answer, and so not its ids."""

COUNTS_ITS_THOUGHTS = ("gpt-5", "o1", "o3", "o4")
"""Families that know no `max_tokens`: what they think counts, too."""

MOST = 16_384
LONGEST_NAME = 64


def read(body: Any) -> Conversation:
    """The request as a value. Raises `VendorError` (400) for what the vendor would refuse."""
    if not isinstance(body, dict):
        raise RefusedRequestError("We could not parse the JSON body of your request.")
    for key in sorted(body.keys() - KNOWN):
        raise unknown(key)
    for key in ("model", "messages"):
        if not body.get(key):
            raise missing(key)
    messages: list[Mapping[str, Any]] = body["messages"]
    refuse_misshapen(messages)
    tools = tuple(_tool(index, tool) for index, tool in enumerate(body.get("tools") or ()))
    choice = _choice(body, tools)
    return Conversation(
        model=str(body["model"]),
        max_tokens=_max_tokens(body),
        turns=tuple(_turns(messages)),
        system="\n".join(_words(each["content"]) for each in messages if each["role"] in {"system", "developer"}),
        tools=tools,
        choice=choice,
        wanted=_wanted(body, tools, choice),
        stop_sequences=_stops(body.get("stop")),
        stream=bool(body.get("stream")),
        attachments=attached(messages),
        fingerprint=digest({key: value for key, value in body.items() if key not in NOT_ANSWER}),
    )


def _max_tokens(body: Mapping[str, Any]) -> int:
    if "max_tokens" in body and str(body["model"]).startswith(COUNTS_ITS_THOUGHTS):
        raise RefusedRequestError(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    value = body.get("max_completion_tokens") or body.get("max_tokens") or MOST
    if not isinstance(value, int) or value < 1:
        raise invalid("max_completion_tokens", "Invalid value: expected an integer that is at least 1.")
    return value


def _tool(index: int, tool: Mapping[str, Any]) -> ToolSpec:
    function = tool.get("function") or {}
    if not function.get("name"):
        raise missing(f"tools[{index}].function.name")
    for key in sorted(tool.keys() - {"type", "function"}):
        raise unknown(f"tools[{index}].{key}")
    if len(str(function["name"])) > LONGEST_NAME:
        raise invalid(f"tools[{index}].function.name", f"Invalid name: at most {LONGEST_NAME} characters.")
    return ToolSpec(str(function["name"]), function.get("parameters") or {"type": "object"})


def _choice(body: Mapping[str, Any], tools: Sequence[ToolSpec]) -> ToolChoice:
    given, parallel = body.get("tool_choice"), body.get("parallel_tool_calls") is not False
    if given is not None and not tools:
        raise invalid("tool_choice", "Invalid value for 'tool_choice': only allowed when 'tools' are specified.")
    if isinstance(given, Mapping):
        name = str((given.get("function") or {}).get("name", ""))
        if name not in {tool.name for tool in tools}:
            raise invalid("tool_choice", f"Tool choice '{name}' not found in 'tools' parameter.")
        return ToolChoice("tool", name, parallel)
    names = {None: "auto", "auto": "auto", "none": "none", "required": "any"}
    if given not in names:
        raise invalid("tool_choice", f"Invalid value: '{given}'. Supported values are: 'none', 'auto', and 'required'.")
    return ToolChoice(names[given], parallel=parallel)


def _wanted(body: Mapping[str, Any], tools: Sequence[ToolSpec], choice: ToolChoice) -> Wanted | None:
    wished = body.get("response_format") or {}
    if wished.get("type") == "json_schema":
        asked = wished.get("json_schema") or {}
        if not asked.get("name"):
            raise missing("response_format.json_schema.name")
        schema = asked.get("schema") or {}
        if asked.get("strict"):
            refuse_loose(schema, str(asked["name"]))
        return Wanted(schema)
    if choice.type == "tool":
        return next(Wanted(tool.schema, tool.name) for tool in tools if tool.name == choice.name)
    return None


def _turns(messages: Sequence[Mapping[str, Any]]) -> list[Turn]:
    """Tool messages and what the user says behind them are one turn of the user's side."""
    turns: list[Turn] = []
    for message in messages:
        if message["role"] in {"system", "developer"}:
            continue
        turn = _turn(message)
        if turns and turns[-1].role == turn.role:
            last = turns.pop()
            text = "\n".join(filter(None, (last.text, turn.text)))
            turn = Turn(turn.role, text, last.calls + turn.calls, last.results + turn.results)
        turns.append(turn)
    return turns


def _turn(message: Mapping[str, Any]) -> Turn:
    said = _words(message.get("content") or "")
    if message["role"] == "tool":
        return Turn("user", results=(ToolResult(str(message["tool_call_id"]), said, is_error=False),))
    calls = tuple(_call(call) for call in message.get("tool_calls") or ())
    return Turn(message["role"], said, calls)


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = call["function"]
    return ToolCall(str(call["id"]), str(function["name"]), json.loads(function.get("arguments") or "{}"))


def _words(content: str | Sequence[Mapping[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")


def _stops(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())
