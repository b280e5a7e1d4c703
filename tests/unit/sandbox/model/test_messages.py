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


THINKING = {"max_tokens": 3000, "thinking": {"type": "enabled", "budget_tokens": 1024}}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (request(max_tokens=3000, thinking={"type": "enabled", "budget_tokens": 100}), "greater than or equal to 1024"),
        (request(max_tokens=1024, thinking=THINKING["thinking"]), "must be greater than `thinking.budget_tokens`"),
        (request(messages=[HELLO, CALL, RESULT], **THINKING), "Expected `thinking` or `redacted_thinking`"),
    ],
)
def test_thinking_has_its_own_rules(asked, says):
    """How many tokens there may be, and that thoughts come back with the calls that they led to."""
    with pytest.raises(VendorError, match=says):
        read(asked)


def test_without_thinking_calls_may_come_back_without_thoughts():
    """As those of another vendor's do."""
    assert read(request(messages=[HELLO, CALL, RESULT])).exchanges


def _shown(kind, media_type, data):
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"role": "user", "content": [{"type": kind, "source": source}]}


def test_images_and_pdfs_are_known_by_their_kind():
    """In what is said and in what a tool brought."""
    png, pdf = "iVBORw0KGgo=", "JVBERi0xLjQ="
    result = {"type": "tool_result", "tool_use_id": "t1", "content": _shown("image", "image/png", png)["content"]}
    messages = [_shown("document", "application/pdf", pdf), CALL, {"role": "user", "content": [result]}]
    assert read(request(messages=messages)).attachments == ("application/pdf", "image/png")


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (_shown("image", "image/png", "JVBERi0xLjQ="), "Could not process image"),
        (_shown("image", "image/png", "no base64!"), "Could not process image"),
        (_shown("document", "application/pdf", "iVBORw0KGgo="), "Could not process document"),
        (_shown("image", "application/pdf", "JVBERi0xLjQ="), "media_type"),
    ],
)
def test_what_is_not_what_it_says_is_refused(shown, says):
    """By its first bytes."""
    with pytest.raises(VendorError, match=says):
        read(request(messages=[shown]))


def test_a_blank_text_is_refused():
    """The vendor takes no block without anything in it."""
    with pytest.raises(VendorError, match="must be non-empty"):
        read(request(messages=[{"role": "user", "content": [{"type": "text", "text": ""}]}]))
