"""The one app installed in this workspace, as its messages and views name it."""

from typing import Any

from sandbox.slack.seed import APP_ID, BOT_ID, BOT_NAME, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID

Json = dict[str, Any]

TEAM: Json = {"id": TEAM_ID, "domain": TEAM_DOMAIN}

_PROFILE: Json = {
    "id": BOT_ID,
    "app_id": APP_ID,
    "user_id": BOT_USER_ID,
    "name": BOT_NAME,
    "team_id": TEAM_ID,
    "deleted": False,
    "updated": 1_700_000_000,
    "icons": {},
}


def signature() -> Json:
    """The fields by which a bot's message is told from a person's."""
    return {
        "type": "message",
        "user": BOT_USER_ID,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "team": TEAM_ID,
        "bot_profile": _PROFILE,
    }


def owned_view() -> Json:
    return {"team_id": TEAM_ID, "app_id": APP_ID, "app_installed_team_id": TEAM_ID, "bot_id": BOT_ID}
