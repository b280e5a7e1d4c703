"""Slack's Events API and slash commands, read into events. Pure: `slack_interactions.verify` says whose they are.

The formats: https://docs.slack.dev/apis/events-api and https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from contracts.events import EntityRef, Event
from starter.sources.no_event import Ignored, MalformedWebhookError

SOURCE = "slack"
HEARD = {"app_mention": "slack.mention", "message": "slack.message"}
"""Slack's type of an inner event -> our kind."""

USAGE = (
    "Say what it is about, and then what you want: `/farm deal:42 the client called, he wants 80`. "
    "`/farm` alone tells what waits for you."
)

_ABOUT = re.compile(r"\b([a-z_]+):(\d{1,18})\b")


@dataclass(frozen=True)
class Challenge:
    """Slack asks whether this address is ours, and wants its own word back."""

    word: str


def opens_home(payload: Any) -> str:
    """The user who has just opened the app's home tab; empty where something else happened."""
    try:
        event = payload["event"]
        is_home = event["type"] == "app_home_opened" and event["tab"] == "home"
        return str(event["user"]) if is_home else ""
    except (KeyError, TypeError):
        return ""


def normalise(payload: Any) -> Event | Ignored | Challenge:
    """What the Events API sent. Raises MalformedWebhookError."""
    try:
        match payload["type"]:
            case "url_verification":
                return Challenge(str(payload["challenge"]))
            case "event_callback":
                return _heard(payload["event"], str(payload["event_id"]), str(payload["team_id"]))
            case kind:
                return Ignored(f"a request of type {kind!r} is nothing that we subscribed to")
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedWebhookError(f"no request of the Events API ({type(error).__name__}: {error})") from error


def asks_what_waits(body: bytes) -> str:
    """The user who typed the slash command and nothing after it; empty where it says something."""
    form = _form(body)
    return "" if form.get("text", "").strip() else form.get("user_id", "")


def command(body: bytes, now: datetime) -> Event:
    """A slash command. Raises MalformedWebhookError with the words for whoever typed it."""
    form = _form(body)
    about = _ABOUT.match(form.get("text", "").strip())
    if about is None or not form.get("trigger_id") or not form.get("user_id"):
        raise MalformedWebhookError(USAGE)
    words = form["text"].strip()[about.end() :].strip()
    return Event(
        # A command has no id of its own; a trigger is made for each.
        id=f"command:{form['trigger_id']}",
        source=SOURCE,
        kind="slack.command",
        entity=EntityRef(kind=about[1], id=about[2]),
        occurred_at=now,
        actor=person(form["user_id"]),
        tenant=workspace(form["team_id"]) if form.get("team_id") else "",
        summary=words[:500],
    )


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def person(user_id: str) -> str:
    """A Slack user as an event's actor: `slack:user:U0CLAIRE`."""
    return f"{SOURCE}:user:{user_id}"


def workspace(team_id: str) -> str:
    """A Slack workspace as an event's tenant: `slack:team:T0CHALEO`."""
    return f"{SOURCE}:team:{team_id}"


def _heard(event: dict[str, Any], event_id: str, team: str) -> Event | Ignored:
    kind = HEARD.get(str(event["type"]))
    if kind is None:
        return Ignored(f"{event['type']!r} is nothing that agents listen to")
    if event.get("bot_id") or not event.get("user"):
        return Ignored("a bot wrote it, perhaps we ourselves")
    if event.get("subtype") not in {None, "file_share", "thread_broadcast"}:
        return Ignored(f"a message of subtype {event['subtype']!r} says nothing new")
    text = str(event.get("text", ""))
    return Event(
        id=event_id,
        source=SOURCE,
        kind=kind,
        entity=_about(text, event, team),
        occurred_at=datetime.fromtimestamp(float(event["ts"]), UTC),
        actor=person(str(event["user"])),
        tenant=workspace(team),
        summary=text[:500],
    )


def _about(text: str, event: dict[str, Any], team: str) -> EntityRef:
    """What the words name (`deal:42`), or the thread that they stand in."""
    if named := _ABOUT.search(text):
        return EntityRef(kind=named[1], id=named[2])
    return EntityRef(kind="thread", id=f"{team}:{event['channel']}:{event.get('thread_ts') or event['ts']}")
