import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from gateway.calls.call import Call
from gateway.calls.request import header_hash, parameters, request_hash

ROOT = Path(__file__).parents[3]
MARK = {"type": "ephemeral"}
TOOL = {"name": "t", "input_schema": {"type": "object"}}


def _parameters(**more: object) -> dict[str, Any]:
    asked: dict[str, object] = {"role": "triage", "system": "You sort.", "call_id": "run-1/triage-1"}
    return parameters(Call.model_validate({**asked, "messages": [{"role": "user", "content": "hello"}], **more}))


def test_the_role_stands_where_a_model_would() -> None:
    """Agents name roles; the gateway knows the model."""
    assert _parameters()["model"] == "triage"


def test_the_system_prompt_and_the_conversations_end_are_cached() -> None:
    """Two breakpoints: what never changes, and what the next turn repeats."""
    asked = _parameters(tools=[TOOL])
    assert asked["system"] == [{"type": "text", "text": "You sort.", "cache_control": MARK}]
    assert asked["messages"][-1]["content"] == [{"type": "text", "text": "hello", "cache_control": MARK}]


def test_a_conversation_that_does_not_go_on_is_not_kept() -> None:
    """Nobody reads what was written for a quarter more: one without tools, or whose last answer this is."""
    for ends in ({}, {"tools": [TOOL], "may_use_tools": False}):
        asked = _parameters(**ends)
        assert "cache_control" not in json.dumps(asked["messages"])
        assert asked["system"][0]["cache_control"] == MARK


def test_a_role_may_think_before_it_answers() -> None:
    """With so many tokens; one that isn't to think isn't asked to."""
    assert _parameters(thinking_tokens=2000)["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert "thinking" not in _parameters()


def test_a_role_may_have_its_header_kept_for_an_hour() -> None:
    """The conversation's end isn't: its next turn comes soon, and the longer lifetime has to stand first."""
    asked = _parameters(tools=[TOOL], cache_ttl="1h")
    assert asked["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert asked["messages"][-1]["content"][-1]["cache_control"] == MARK


def test_the_last_two_turns_of_the_other_side_end_in_breakpoints() -> None:
    """This turn's, and the one before's: what lies between may be longer than the vendor looks back."""
    results = [{"type": "tool_result", "tool_use_id": n, "content": "{}"} for n in ("a", "b")]
    messages = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "hm"}]},
        {"role": "user", "content": results},
    ]
    asked = _parameters(messages=[*messages, *messages[1:]], tools=[TOOL])["messages"]
    assert json.dumps(asked).count("cache_control") == 2
    assert asked[2]["content"][-1]["cache_control"] == MARK
    assert asked[4]["content"][-1]["cache_control"] == MARK


def test_the_callers_messages_stay_as_they_were() -> None:
    """The transcript's own turns carry no breakpoints."""
    messages = [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]
    _parameters(messages=messages, tools=[TOOL])
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
    asked = _parameters(tools=[TOOL], may_use_tools=False)
    assert asked["tools"] == [TOOL]
    assert asked["tool_choice"] == {"type": "none"}


def test_attribution_is_ascii() -> None:
    """Header values are ASCII on the wire, and a client's name may not be."""
    headers = _parameters(tags={"agent": "sales", "org": "Bâtisseurs"})["extra_headers"]
    assert headers["x-litellm-call-id"] == "run-1/triage-1"
    assert all(value.isascii() for value in headers.values())
    assert json.loads(headers["x-litellm-spend-logs-metadata"])["org"] == "Bâtisseurs"


def test_one_header_has_one_hash() -> None:
    """Whatever the conversation is, and however long the vendor keeps it."""
    first = header_hash(_parameters(tools=[TOOL]))
    assert header_hash(_parameters(tools=[TOOL], messages=[{"role": "user", "content": "other"}])) == first
    assert header_hash(_parameters(tools=[TOOL], cache_ttl="1h")) == first


def test_what_loses_the_cache_changes_the_hash() -> None:
    """Another prompt, other tools or their order, another answer's schema."""
    other = {**TOOL, "name": "u"}
    headers = (
        {"tools": [TOOL, other]},
        {"tools": [other, TOOL]},
        {"tools": [TOOL]},
        {},
        {"system": "You plan."},
        {"answer_schema": {"type": "object", "properties": {}, "title": "A"}},
    )
    assert len({header_hash(_parameters(**each)) for each in headers}) == len(headers)


SAID = """
import json
from gateway.calls.call import Call
from gateway.calls.request import parameters
tools = [{"name": name, "description": name, "input_schema": {"type": "object"}} for name in ("b", "a")]
why = {"type": "string", "maxLength": 9, "description": "in words"}
schema = {"title": "S", "type": "object", "properties": {"why": why}, "required": ["why"]}
call = Call(role="r", system="You sort.", call_id="c", messages=(), tools=tuple(tools), answer_schema=schema)
asked = parameters(call)
del asked["extra_headers"]
print(json.dumps(asked))
"""


def test_every_process_sends_the_same_bytes() -> None:
    """A vendor's cache is found by bytes: nothing may depend on a hash's seed."""
    sent = {
        subprocess.run(
            [sys.executable, "-c", SAID],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(sent) == 1


def test_two_requests_are_the_same_whoever_asks_and_whatever_is_kept() -> None:
    """Names, tags and breakpoints are no part of what is asked; all else is."""
    first = request_hash(_parameters(tools=[TOOL]))
    assert request_hash(_parameters(tools=[TOOL], cache_ttl="1h", call_id="another", tags={"run": "another"})) == first
    others = (
        _parameters(tools=[TOOL], may_use_tools=False),
        _parameters(tools=[TOOL], max_tokens=7),
        _parameters(tools=[TOOL], temperature=0),
        _parameters(tools=[TOOL], model="small-1"),
        _parameters(tools=[TOOL], messages=[{"role": "user", "content": "Another."}]),
        _parameters(),
    )
    assert len({first, *map(request_hash, others)}) == len(others) + 1
