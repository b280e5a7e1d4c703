"""Whether what is new in a model's call gives it orders: each text that others wrote, by where it came from. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.calls import ModelCall
from gateway.guards.injection import signs

LONGEST = 200
"""Characters: it stands in Temporal's history, and in a question to a person."""


def suspicion(call: ModelCall, texts: Mapping[str, str], earlier: Sequence[Mapping[str, Any]]) -> str:
    """Where and by which words, the first that is found; empty where nothing is. `texts`: by blob hash."""
    for where, text in _new(call, texts, earlier):
        if found := signs(text):
            return f"{where}: {', '.join(map(str, found))}"[:LONGEST]
    return ""


def _new(call: ModelCall, texts: Mapping[str, str], earlier: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    tools = _tools(earlier)
    for result in call.results:
        yield tools.get(result.tool_use_id, "a tool"), f"{result.text}\n{texts.get(result.ref, '')}"
    for item in call.material:
        yield item.title, texts.get(item.ref, "") or item.text
    yield "what it was told", call.say


def _tools(earlier: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The model's last wishes: tool use id -> the tool's name."""
    content = earlier[-1]["content"] if earlier else ""
    uses = [] if isinstance(content, str) else [each for each in content if each.get("type") == "tool_use"]
    return {each["id"]: each["name"] for each in uses}
