"""A message out of the events of its stream, as the stand-in vendor tells them."""

import json

import pytest

from gateway.proxy.pieces import Broken, Frames, Pieces
from sandbox.model.streaming import encode, events

THOUGHT = {"type": "thinking", "thinking": "The client wants an offer, " * 5, "signature": "abc"}
TEXT = {"type": "text", "text": "Une offre pour la résidence « Les Tilleuls », et encore. " * 3}
USE = {"type": "tool_use", "id": "t1", "name": "look", "input": {"deal_id": 42, "words": ["a", "é"]}}
BARE = {"type": "tool_use", "id": "t2", "name": "list", "input": {}}
USAGE = {
    "input_tokens": 10,
    "cache_creation_input_tokens": 7,
    "cache_read_input_tokens": 3,
    "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 5},
    "output_tokens": 90,
    "service_tier": "standard",
}


def message(*content, stop_reason="end_turn", stop_sequence=None):
    its = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": list(content)}
    return {**its, "stop_reason": stop_reason, "stop_sequence": stop_sequence, "usage": USAGE}


def put_together(told: bytes, size: int) -> Pieces:
    frames, pieces = Frames(), Pieces()
    for start in range(0, len(told), size):
        for event in frames.read(told[start : start + size]):
            pieces.add(event)
    return pieces


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    "said",
    [
        message(TEXT),
        message(THOUGHT, TEXT, USE, BARE, stop_reason="tool_use"),
        message(TEXT, stop_reason="stop_sequence", stop_sequence="now"),
        message(stop_reason="refusal"),
    ],
    ids=["words", "thought, words, tools", "stopped", "refused"],
)
def test_what_was_taken_apart_is_the_same_together(said, size):
    """Blocks in order, signatures, arguments, usage with both lifetimes: wherever the bytes are cut."""
    pieces = put_together("".join(map(encode, events(said))).encode(), size)
    assert pieces.whole
    assert pieces.message() == said


@pytest.mark.parametrize(
    ("said", "come", "tokens"),
    [(TEXT, 4, 11), (THOUGHT, 5, 20), (USE, 5, 10)],
    ids=["words, by their bytes", "a thought", "arguments"],
)
def test_what_was_written_is_guessed_until_the_vendor_counts_it(said, come, tokens):
    """Of what was sent the vendor tells at once. Four bytes are a token, of text and of arguments; its end says 90."""
    its, pieces = list(events(message(said))), Pieces()
    assert pieces.usage() == {}
    for event in its[:come]:
        pieces.add(event)
    assert pieces.usage() == {**USAGE, "output_tokens": tokens}
    for event in its[come:-1]:
        pieces.add(event)
    assert (pieces.whole, pieces.usage()["output_tokens"]) == (False, 90)


def test_a_vendor_that_counts_more_than_came_is_believed():
    """Thoughts of which it tells nothing, say."""
    pieces = Pieces()
    pieces.add({"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 25, "tier": None}}})
    assert pieces.usage() == {"input_tokens": 3, "output_tokens": 25}


def test_what_stops_in_the_middle_is_not_whole():
    """Nothing says so but the missing end."""
    told = "".join(map(encode, events(message(TEXT)))).encode()
    assert not put_together(told[: len(told) // 2], 50).whole


@pytest.mark.parametrize(
    ("kind", "status"), [("overloaded_error", 529), ("rate_limit_error", 429), ("api_error", 500), ("new_error", 500)]
)
def test_an_error_has_the_status_that_it_means(kind, status):
    """It comes as an event, when the vendor's 200 has gone."""
    event = {"type": "error", "error": {"type": kind, "message": "Overloaded"}}
    with pytest.raises(Broken, match="Overloaded") as caught:
        Pieces().add(event)
    assert (caught.value.status, caught.value.kind) == (status, kind)


def test_pings_and_what_nobody_knows_yet_change_nothing():
    """The vendor says that new kinds of event may come."""
    said = message(TEXT)
    told = [{"type": "ping"}, {"type": "something_new", "index": 3}]
    stream = [each for event in events(said) for each in (event, *told)]
    assert put_together("".join(map(encode, stream)).encode(), 64).message() == said


def test_only_the_answers_own_characters_are_counted():
    """A start, a signature of its own and a ping are no words; text and arguments are."""
    pieces = Pieces()
    counted = [pieces.add(event) for event in events(message(TEXT, USE))]
    assert sum(counted) == len(TEXT["text"]) + len(json.dumps(USE["input"], ensure_ascii=False))


@pytest.mark.parametrize("told", [b"data: {no json}\n\n", b'data: {"type": "content_block_de\n\n'])
def test_what_is_no_json_breaks_the_stream(told):
    """And doesn't become half an answer."""
    with pytest.raises(Broken, match="no JSON"):
        list(Frames().read(told))


def test_arguments_that_stop_in_the_middle_break_the_answer():
    """Though the vendor ended it well."""
    pieces = Pieces()
    pieces.add({"type": "content_block_start", "index": 0, "content_block": USE})
    pieces.add(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"a'}}
    )
    with pytest.raises(Broken, match="arguments"):
        pieces.message()
