"""auth.test and users.info."""

from typing import Any

from sandbox.slack.envelope import Refusal, required
from sandbox.slack.seed import BOT_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, Person
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]


def auth_test(_workspace: Workspace, _given: Json) -> Json:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": "Chaleo (sandbox: not Slack)",
        "user": "farmstead",
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def users_info(workspace: Workspace, given: Json) -> Json:
    """Raises Refusal `user_not_found`."""
    person = workspace.person(required(given, "user"))
    if person is None:
        raise Refusal("user_not_found")
    return {"user": _user(person)}


def _user(person: Person) -> Json:
    return {
        "id": person.id,
        "team_id": TEAM_ID,
        "name": person.name,
        "deleted": False,
        "real_name": person.real_name,
        "tz": "Europe/Paris",
        "locale": person.locale,
        "profile": {
            "title": person.title,
            "real_name": person.real_name,
            "real_name_normalized": person.real_name,
            "display_name": person.name,
            "email": person.email,
            "team": TEAM_ID,
        },
        "is_admin": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
