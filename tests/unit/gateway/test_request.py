import json
from typing import Any

from gateway.call import Call
from gateway.request import parameters

MARK = {"type": "ephemeral"}


def _parameters(**more: object) -> dict[str, Any]:
    asked: dict[str, object] = {"role": "triage", "system": "You sort.", "call_id": "run-1/triage-1"}
    return parameters(Call.model_validate({**asked, "messages": [{"role": "user", "content": "hello"}], **more}))


def test_the_role_stands_where_a_model_would() -> None:
    """Agents name roles; the gateway knows the model."""
    assert _parameters()["model"] == "triage"


def test_the_system_prompt_and_the_conversations_end_are_cached() -> None:
    """Two breakpoints: what never changes, and what the next turn repeats."""
    asked = _parameters()
    assert asked["system"] == [{"type": "text", "text": "You sort.", "cache_control": MARK}]
    assert asked["messages"][-1]["content"] == [{"type": "text", "text": "hello", "cache_control": MARK}]


def test_only_the_last_block_of_the_last_message_is_a_breakpoint() -> None:
    """Vendors allow four of them, and a turn may hold many results."""
    results = [{"type": "tool_result", "tool_use_id": n, "content": "{}"} for n in ("a", "b")]
    messages = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "hm"}]},
        {"role": "user", "content": results},
    ]
    asked = _parameters(messages=messages)["messages"]
    assert json.dumps(asked).count("cache_control") == 1
    assert asked[-1]["content"][-1]["cache_control"] == MARK


def test_the_callers_messages_stay_as_they_were() -> None:
    """The transcript's own turns carry no breakpoints."""
    messages = [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]
    _parameters(messages=messages)
    assert messages == [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]


def test_a_schema_is_brought_into_the_form_that_vendors_take() -> None:
    """What constrained decoding refuses becomes words; the title stays."""
    schema = {
        "title": "Sorted",
        "type": "object",
        "properties": {"why": {"type": "string", "maxLength": 200}},
        "required": ["why"],
    }
    sent = _parameters(answer_schema=schema)["output_config"]["format"]
    assert (sent["type"], sent["schema"]["title"]) == ("json_schema", "Sorted")
    assert "maxLength" not in sent["schema"]["properties"]["why"]
    assert sent["schema"]["additionalProperties"] is False


def test_a_final_answer_keeps_the_tools_and_forbids_them() -> None:
    """Leaving them out would lose the cached prefix."""
    tool = {"name": "t", "input_schema": {"type": "object"}}
    asked = _parameters(tools=[tool], may_use_tools=False)
    assert asked["tools"] == [tool]
    assert asked["tool_choice"] == {"type": "none"}


def test_attribution_is_ascii() -> None:
    """Header values are ASCII on the wire, and a client's name may not be."""
    headers = _parameters(tags={"agent": "sales", "org": "Bâtisseurs"})["extra_headers"]
    assert headers["x-litellm-call-id"] == "run-1/triage-1"
    assert all(value.isascii() for value in headers.values())
    assert json.loads(headers["x-litellm-spend-logs-metadata"])["org"] == "Bâtisseurs"
