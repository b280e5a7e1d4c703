"""Reading a request: what is understood and what is refused, in the vendor's words."""

import pytest

from sandbox.model.errors import VendorError
from sandbox.model.messages import read

HELLO = {"role": "user", "content": "hello"}
CALL = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "look", "input": {"a": 1}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "seen"}]}


def request(**fields):
    return {"model": "m", "max_tokens": 10, "messages": [HELLO], **fields}


def test_system_blocks_and_strings_read_alike():
    """A system prompt is the same text as a string and as blocks."""
    blocks = [{"type": "text", "text": "be brief", "cache_control": {"type": "ephemeral"}}]
    assert read(request(system=blocks)).system == read(request(system="be brief")).system == "be brief"


def test_calls_are_paired_with_their_results():
    """An exchange holds a call with what came of it."""
    (exchange,) = read(request(messages=[HELLO, CALL, RESULT])).exchanges
    assert (exchange.call.name, exchange.call.arguments, exchange.result.text) == ("look", {"a": 1}, "seen")


def test_stream_does_not_change_the_fingerprint():
    """The same request streamed has the same hash; another word has another."""
    assert read(request(stream=True)).fingerprint == read(request()).fingerprint
    other = request(messages=[{"role": "user", "content": "hullo"}])
    assert read(other).fingerprint != read(request()).fingerprint


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "not a JSON object"),
        ({"max_tokens": 1, "messages": [HELLO]}, "model: Field required"),
        ({"model": "m", "messages": [HELLO]}, "max_tokens: Field required"),
        ({"model": "m", "max_tokens": 1}, "messages: Field required"),
        (request(messages=[]), "at least one message"),
        (request(messages=[{"role": "robot", "content": "x"}]), r"messages.0.role"),
        (request(messages=[{"role": "assistant", "content": "x"}]), "first message"),
        (request(messages=[HELLO, CALL]), "without `tool_result`"),
        (request(messages=[HELLO, CALL, HELLO]), "without `tool_result`"),
        (request(messages=[HELLO, RESULT]), "unexpected `tool_use_id`"),
        (request(colour="red"), "colour: Extra inputs"),
        (request(tool_choice={"type": "auto"}), "tool_choice"),
        (request(tools=[{"name": "a"}], tool_choice={"type": "tool", "name": "b"}), "'b' not found"),
        (
            request(tools=[{"name": "a"}], tool_choice={"type": "any"}, thinking={"type": "adaptive"}),
            "Thinking may not be enabled",
        ),
        (request(output_config={"format": {"type": "text"}}), "json_schema"),
    ],
)
def test_what_the_vendor_refuses(body, says):
    """A bad request is a 400 that names the place."""
    with pytest.raises(VendorError, match=says) as caught:
        read(body)
    assert caught.value.status == 400
