"""The JSON that Slack sends to an app when a person acts.

Shapes: docs.slack.dev/reference/interaction-payloads.
"""

from typing import Any

from sandbox.slack import bot
from sandbox.slack.seed import APP_ID, TEAM_ID, Channel, Person

Json = dict[str, Any]


def block_actions(
    person: Person, channel: Channel, message: Json, *, action: Json, trigger_id: str, response_url: str
) -> Json:
    """A button was clicked in a message."""
    return _common(person, trigger_id) | {
        "type": "block_actions",
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel.id,
            "is_ephemeral": False,
        },
        "channel": {"id": channel.id, "name": channel.name},
        "message": message,
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }


def button_action(block: Json, button: Json, action_ts: str) -> Json:
    """One entry of `actions`: the button as it stands in its block, and when it was clicked."""
    named = ("action_id", "text", "value", "style")
    shown = {name: button[name] for name in named if name in button}
    return shown | {"type": "button", "block_id": block["block_id"], "action_ts": action_ts}


def view_submission(person: Person, view: Json, values: Json, trigger_id: str) -> Json:
    """A modal was submitted."""
    return _common(person, trigger_id) | {
        "type": "view_submission",
        "view": view | {"state": {"values": values}},
        "response_urls": [],
    }


def _common(person: Person, trigger_id: str) -> Json:
    return {
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID},
        "team": bot.TEAM,
        "api_app_id": APP_ID,
        "token": "sandbox-legacy-token",
        "trigger_id": trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
    }
