"""What Slack's Events API and slash commands send."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from contracts.events import Event
from starter.sources.no_event import Ignored, MalformedWebhookError
from starter.sources.slack import Challenge, command, normalise

MENTION: dict[str, Any] = {
    "type": "app_mention",
    "user": "U0CLAIRE",
    "text": "<@U0FARM> have a look at deal:42, please",
    "ts": "1795000000.000100",
    "channel": "C0SALES",
    "event_ts": "1795000000.000100",
}
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def sent(**event: Any) -> dict[str, Any]:
    """The outer envelope, as documented: https://docs.slack.dev/apis/events-api"""
    return {
        "token": "old",
        "team_id": "T0CHALEO",
        "api_app_id": "A0FARM",
        "type": "event_callback",
        "event_id": "Ev0PV52K21",
        "event_time": 1795000000,
        "event": MENTION | event,
    }


def heard(**event: Any) -> Event:
    found = normalise(sent(**event))
    assert isinstance(found, Event), found
    return found


def test_slack_gets_its_word_back() -> None:
    """When it asks whether the address is ours."""
    assert normalise({"type": "url_verification", "token": "old", "challenge": "3eZbrw1aB"}) == Challenge("3eZbrw1aB")


def test_a_mention_becomes_an_event_of_what_it_names() -> None:
    """Slack's own event id tells a retry."""
    event = heard()
    assert (event.id, event.source, event.kind, str(event.entity), event.actor) == (
        "Ev0PV52K21",
        "slack",
        "slack.mention",
        "deal:42",
        "slack:user:U0CLAIRE",
    )
    assert event.occurred_at.timestamp() == pytest.approx(1795000000.0001)
    assert event.tenant == "slack:team:T0CHALEO"


@pytest.mark.parametrize(
    ("more", "thread"),
    [({}, "T0CHALEO:C0SALES:1795000000.000100"), ({"thread_ts": "1794.1"}, "T0CHALEO:C0SALES:1794.1")],
)
def test_what_names_nothing_is_about_its_thread(more: dict[str, str], thread: str) -> None:
    """A message that begins a thread and its answers are one conversation."""
    event = heard(text="hello", type="message", **more)
    assert (event.kind, event.entity.kind, event.entity.id) == ("slack.message", "thread", thread)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"bot_id": "B0FARM"}, "a bot wrote it"),
        ({"subtype": "message_changed", "type": "message"}, "message_changed"),
        ({"type": "reaction_added"}, "reaction_added"),
    ],
)
def test_our_own_words_and_noise_are_ignored(event: dict[str, Any], reason: str) -> None:
    """An agent that hears its own message would never stop."""
    found = normalise(sent(**event))
    assert isinstance(found, Ignored)
    assert reason in found.reason


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"type": "event_callback"}, sent(ts="soon"), sent(channel=None) | {"event": 1}]
)
def test_what_is_no_request_of_slacks_is_malformed(payload: Any) -> None:
    """Never another error."""
    with pytest.raises(MalformedWebhookError):
        normalise(payload)


def form(text: str) -> bytes:
    return urlencode(
        {"command": "/farm", "text": text, "user_id": "U0TOM", "channel_id": "C0SALES", "trigger_id": "13345224609.73"}
    ).encode()


def test_a_command_says_what_it_is_about_first() -> None:
    """And the rest is what the agent is told."""
    event = command(form("deal:42 the client called, he wants 80"), NOW)
    assert (event.id, event.kind, str(event.entity), event.actor) == (
        "command:13345224609.73",
        "slack.command",
        "deal:42",
        "slack:user:U0TOM",
    )
    assert event.summary == "the client called, he wants 80"


@pytest.mark.parametrize("body", [form(""), form("help"), form("please look at deal:42"), b"\xff", b""])
def test_a_command_that_is_about_nothing_is_told_how(body: bytes) -> None:
    """The words are for whoever typed it."""
    with pytest.raises(MalformedWebhookError, match="deal:42"):
        command(body, NOW)
