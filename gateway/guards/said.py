"""What is said in a request to a model, whichever API's: every text in it, and nothing that a vendor checks."""

import json
from collections.abc import Callable, Mapping
from typing import Any

SAID = ("system", "messages", "tools", "input", "prompt", "instructions")
"""Where in a request words stand: of the Messages API, chat completions, responses and embeddings."""

AS_IT_IS = frozenset(
    {
        "thinking",  # a vendor checks its signature
        "redacted_thinking",
        "reasoning",
        "image",
        "image_url",
        "input_image",
        "input_audio",
        "input_file",
        "file",
        "base64",
        "url",
    }
)
"""Types of blocks that are no text, or that mustn't change."""

NO_WORDS = frozenset({"id", "call_id", "tool_use_id", "tool_call_id", "type", "role", "name", "model"})
"""Keys under which names stand that pair one thing with another."""

ARGUMENTS = frozenset({"input", "arguments"})
"""What is under these in a block is a tool's, and its keys mean what the tool says."""

Change = Callable[[str], str]


def changed(request: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """The request with each of its texts changed. Parts without a change are the same objects."""
    said = {name: in_words(request[name], change) for name in SAID if name in request}
    return {**request, **said}


def in_words(value: Any, change: Change) -> Any:
    """The value with each text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [in_words(each, change) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")  # in a tool's schema it may be one of its properties
    if isinstance(kind, str) and kind in AS_IT_IS:
        return value
    return {key: _under(key, each, change) for key, each in value.items()}


def _under(key: str, value: Any, change: Change) -> Any:
    if key in NO_WORDS and isinstance(value, str):  # anything else is a property of a tool's schema
        return value
    return in_arguments(value, change) if key in ARGUMENTS else in_words(value, change)


def in_arguments(value: Any, change: Change) -> Any:
    """A tool's arguments: every value, whatever it is called, and long numbers too. JSON in a text stays JSON."""
    if isinstance(value, str):
        return _in_json(value, change)
    if isinstance(value, list | tuple):
        return [in_arguments(each, change) for each in value]
    if isinstance(value, dict):
        return {key: in_arguments(each, change) for key, each in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value)
        other = change(text)
        return value if other == text else other
    return value


def _in_json(text: str, change: Change) -> str:
    if not text.lstrip().startswith(("{", "[")):
        return change(text)
    try:
        value = json.loads(text)
    except ValueError:
        return change(text)
    other = in_arguments(value, change)
    return text if other == value else json.dumps(other, ensure_ascii=False)
