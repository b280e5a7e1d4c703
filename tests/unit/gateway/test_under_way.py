"""What is heard of calls under way, by a clock that is moved by hand; and how it is told."""

import json

import pytest

from contracts.progress import CallProgress
from gateway.door.asked import Asked
from gateway.door.under_way import UnderWay, heard


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def asked(call="run-1/plan-1", key="sk-sales", role="plans"):
    headers = [(b"x-api-key", key.encode()), (b"idempotency-key", call.encode())]
    return Asked({"type": "http", "path": "/v1/messages", "headers": headers}, json.dumps({"model": role}).encode())


def told(calls, call="run-1/plan-1"):
    return CallProgress.model_validate(calls.of("sk-sales")[call])


def test_a_call_is_followed_from_the_gate_to_its_last_word():
    """Each state has its own words, with how long it lasts."""
    clock = Clock()
    calls = UnderWay(clock)
    with calls.call(asked()) as its:
        clock.now += 7
        assert told(calls).told() == "it waits its turn at the gateway, 7 s by now"
        its.sent()
        clock.now += 5
        assert told(calls).told() == "asked 5 s ago, and the answer comes whole"
        its.streams()
        clock.now += 50
        assert told(calls).told() == "asked 55 s ago, and no word of the answer yet"
        its.sign()
        clock.now += 6
        assert told(calls).told() == "asked 61 s ago, and no word of the answer yet, a sign of life 6 s ago"
        its.sign(40)
        clock.now += 3
        its.sign(80)
        clock.now += 20
        assert told(calls).told() == "first word after 61 s, 120 characters, the last 20 s ago"
    assert calls.of("sk-sales") == {}


def test_only_whoever_asked_is_told():
    """Another key sees nothing, and a call without a name is nobody's to find."""
    calls = UnderWay(Clock())
    with calls.call(asked()), calls.call(asked(call="")):
        assert list(calls.of("sk-sales")) == ["run-1/plan-1"]
        assert calls.of("sk-other") == {}


def test_what_answers_a_call_can_note_what_it_hears():
    """Within the call, and not after it."""
    calls = UnderWay(Clock())
    with calls.call(asked()) as its:
        assert heard() is its
    assert heard() is None


@pytest.mark.parametrize(("streams", "silent"), [(True, 30.0), (False, 0.0)])
def test_a_roles_silence_is_its_longest(streams, silent):
    """Of vendors who stream; one who answers whole is silent until it does."""
    clock = Clock()
    calls = UnderWay(clock)
    with calls.call(asked()) as first:
        first.sent()
        if streams:
            first.streams()
        clock.now += 20
        with calls.call(asked("run-2/plan-1")) as second:
            second.sent()
            second.sign(5)
            clock.now += 10
            assert (calls.silent_s("plans"), calls.silent_s("sorts")) == (silent, 0.0)
