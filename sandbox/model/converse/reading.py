"""A Converse request as the Messages request that says the same: the host serves the other vendor's own models.

Fields: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.model.errors import bad_request

Json = dict[str, Any]

_FIELDS = (
    "messages system inferenceConfig toolConfig outputConfig additionalModelRequestFields "
    "additionalModelResponseFieldPaths guardrailConfig performanceConfig promptVariables requestMetadata serviceTier"
)
KNOWN = frozenset(_FIELDS.split())
INFERENCE = {
    "maxTokens": "max_tokens",
    "temperature": "temperature",
    "topP": "top_p",
    "stopSequences": "stop_sequences",
}
MOST = 4096


def messages_request(model: str, body: Any) -> Json:
    """Raises `VendorError` (400) for a field or a block that Converse doesn't know."""
    if not isinstance(body, dict):
        raise bad_request("The request body is not a JSON object")
    for key in sorted(body.keys() - KNOWN):
        raise bad_request(f"Malformed input request: extraneous key [{key}] is not permitted")
    asked: Json = {
        "model": model,
        "max_tokens": MOST,
        **_inference(body.get("inferenceConfig") or {}),
        **(body.get("additionalModelRequestFields") or {}),
        "messages": [_message(each) for each in body.get("messages") or ()],
    }
    if body.get("system"):
        asked["system"] = _with_breakpoints(body["system"], _block)
    tools = body.get("toolConfig") or {}
    if tools:
        asked["tools"] = _with_breakpoints(tools.get("tools") or (), _tool)
    if choice := tools.get("toolChoice"):
        asked["tool_choice"] = _choice(choice)
    if wanted := body.get("outputConfig"):
        asked["output_config"] = {"format": _format(wanted)}
    return asked


def _inference(given: Mapping[str, Any]) -> Json:
    for key in sorted(given.keys() - INFERENCE.keys()):
        raise bad_request(f"Malformed input request: extraneous key [inferenceConfig.{key}] is not permitted")
    return {INFERENCE[key]: value for key, value in given.items()}


def _message(message: Mapping[str, Any]) -> Json:
    return {"role": message.get("role"), "content": _with_breakpoints(message.get("content") or (), _block)}


def _with_breakpoints(blocks: Iterable[Mapping[str, Any]], read: Any) -> list[Json]:
    """A cache point stands behind the block that it is about; in Messages it is a mark on it."""
    found: list[Json] = []
    for block in blocks:
        if "cachePoint" not in block:
            found.append(read(block))
        elif not found:
            raise bad_request("cachePoint: must stand behind a block")
        else:
            ttl = block["cachePoint"].get("ttl")
            found[-1] = {**found[-1], "cache_control": {"type": "ephemeral", **({"ttl": ttl} if ttl else {})}}
    return found


def _block(block: Mapping[str, Any]) -> Json:
    match block:
        case {"text": text}:
            return {"type": "text", "text": text}
        case {"toolUse": {"toolUseId": id_, "name": name, "input": arguments}}:
            return {"type": "tool_use", "id": id_, "name": name, "input": arguments}
        case {"toolResult": {"toolUseId": id_, "content": content, **rest}}:
            failed = {"is_error": True} if rest.get("status") == "error" else {}
            return {"type": "tool_result", "tool_use_id": id_, "content": [_result(each) for each in content], **failed}
        case {"reasoningContent": {"reasoningText": {"text": text, **rest}}}:
            return {"type": "thinking", "thinking": text, "signature": rest.get("signature", "")}
        case {"image": {"format": form, "source": {"bytes": data}}}:
            return {"type": "image", "source": {"type": "base64", "media_type": f"image/{form}", "data": data}}
        case {"document": {"format": form, "source": {"bytes": data}}}:
            return {"type": "document", "source": {"type": "base64", "media_type": f"application/{form}", "data": data}}
    raise bad_request(f"Malformed input request: no content block is made of {', '.join(sorted(block))}")


def _result(part: Mapping[str, Any]) -> Json:
    if "image" in part or "document" in part:
        return _block(part)
    text = part["text"] if "text" in part else json.dumps(part.get("json"), ensure_ascii=False)
    return {"type": "text", "text": text}


def _tool(tool: Mapping[str, Any]) -> Json:
    spec = tool.get("toolSpec") or {}
    if not spec.get("name"):
        raise bad_request("toolConfig.tools.toolSpec.name: Member must not be null")
    schema = (spec.get("inputSchema") or {}).get("json") or {"type": "object"}
    return {"name": spec["name"], "description": spec.get("description", ""), "input_schema": schema}


def _choice(choice: Mapping[str, Any]) -> Json:
    match choice:
        case {"auto": _}:
            return {"type": "auto"}
        case {"any": _}:
            return {"type": "any"}
        case {"tool": {"name": name}}:
            return {"type": "tool", "name": name}
    raise bad_request("toolConfig.toolChoice: Member must be one of auto, any, tool")


def _format(wanted: Mapping[str, Any]) -> Json:
    form = wanted.get("textFormat") or {}
    if form.get("type") != "json_schema":
        raise bad_request("outputConfig.textFormat.type: Member must be json_schema")
    return {"type": "json_schema", "schema": json.loads(form["structure"]["jsonSchema"]["schema"])}
