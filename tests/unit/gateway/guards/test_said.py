"""What of a request is words, and what mustn't be touched."""

from typing import Any

from gateway.guards.said import changed


def shout(request: dict[str, Any]) -> dict[str, Any]:
    return changed(request, str.upper)


def test_every_text_of_a_conversation_is_changed() -> None:
    """System prompt, texts, tool results in both shapes, documents, and what a tool is given."""
    blocks = [
        {"type": "text", "text": "a"},
        {"type": "tool_result", "tool_use_id": "t1", "content": "b"},
        {"type": "tool_result", "tool_use_id": "t2", "content": [{"type": "text", "text": "c"}]},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d"}},
        {"type": "tool_use", "id": "t3", "name": "n", "input": {"name": "e", "deep": [{"id": "f"}]}},
    ]
    asked = shout({"system": [{"type": "text", "text": "s"}], "messages": [{"role": "user", "content": blocks}]})
    said = asked["messages"][0]["content"]
    assert asked["system"][0]["text"] == "S"
    assert [said[0]["text"], said[1]["content"], said[2]["content"][0]["text"]] == ["A", "B", "C"]
    assert said[3]["source"]["data"] == "D"
    assert said[4] == {"type": "tool_use", "id": "t3", "name": "n", "input": {"name": "E", "deep": [{"id": "F"}]}}
    assert [said[1]["tool_use_id"], asked["messages"][0]["role"]] == ["t1", "user"]


def test_what_a_vendor_checks_or_reads_otherwise_stays() -> None:
    """Thinking is signed; a picture is no text; a model's name and the headers are no words."""
    blocks = [
        {"type": "thinking", "thinking": "a", "signature": "b"},
        {"type": "redacted_thinking", "data": "c"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "d"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "e"}},
    ]
    request = {"model": "m", "extra_headers": {"x": "y"}, "messages": [{"role": "assistant", "content": blocks}]}
    assert shout(request) == request


def test_arguments_written_as_json_stay_json() -> None:
    """Chat completions carry a tool's arguments as a text; a word in the place of a number is quoted."""
    call = {"id": "c1", "type": "function", "function": {"name": "pay", "arguments": '{"card": 4111111111111111}'}}
    asked = changed(
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]},
        lambda text: text.replace("4111111111111111", "[card removed]"),
    )
    assert asked["messages"][0]["tool_calls"][0]["function"]["arguments"] == '{"card": "[card removed]"}'


def test_a_tools_schema_may_have_any_property() -> None:
    """One that is called `type`, and types that are lists, are no types of blocks."""
    properties = {"type": {"type": ["string", "null"], "description": "a"}, "name": {"type": "string", "enum": ["b"]}}
    tool = {"name": "act", "description": "c", "input_schema": {"type": "object", "properties": properties}}
    (said,) = shout({"tools": [tool]})["tools"]
    assert (said["name"], said["description"]) == ("act", "C")
    assert said["input_schema"]["properties"]["type"]["description"] == "A"
