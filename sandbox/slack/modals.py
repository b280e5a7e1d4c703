"""views.open, and the modal that a person then has on the screen; views.publish, and the app's home tab."""

import secrets
import time
from typing import Any

from sandbox.slack import bot
from sandbox.slack.block_rules import view_faults, with_ids
from sandbox.slack.envelope import Refusal, required
from sandbox.slack.triggers import Triggers
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]


def open_view(workspace: Workspace, triggers: Triggers, given: Json) -> Json:
    """Raises Refusal: `invalid_arguments` for a bad view, and what `Triggers.exchange` raises."""
    view = _of_type("modal", checked(given.get("view")))
    user = triggers.exchange(required(given, "trigger_id"))
    opened = _opened(view)
    workspace.keep_view(user, opened)
    return {"view": opened}


def publish_view(workspace: Workspace, given: Json) -> Json:
    """Raises Refusal: `invalid_arguments` for a bad view, `user_not_found`."""
    view = _of_type("home", checked(given.get("view")))
    user = required(given, "user_id")
    if workspace.person(user) is None:
        raise Refusal("user_not_found")
    published = _opened(view)
    workspace.keep_home(user, published)
    return {"view": published}


def _of_type(kind: str, view: Json) -> Json:
    if view["type"] != kind:
        raise Refusal("invalid_arguments", f"[ERROR] unsupported type: {view['type']} [json-pointer:/view/type]")
    return view


def checked(view: Any) -> Json:
    if not isinstance(view, dict):
        raise Refusal("invalid_arguments", "[ERROR] missing required field: view")
    if faults := view_faults(view):
        raise Refusal("invalid_arguments", *faults)
    return view


def replaced(view: Json, new: Json) -> Json:
    """The same modal with new content, as `response_action: update` asks."""
    return _opened(checked(new)) | {"id": view["id"], "root_view_id": view["root_view_id"]}


def _opened(view: Json) -> Json:
    view_id = f"V{secrets.token_hex(5).upper()}"
    defaults: Json = {
        "submit": None,
        "close": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "previous_view_id": None,
        "state": {"values": {}},
    }
    return (
        defaults
        | view
        | bot.owned_view()
        | {
            "id": view_id,
            "root_view_id": view_id,
            "hash": f"{int(time.time())}.{secrets.token_hex(4)}",
            "blocks": with_ids(view["blocks"]),
        }
    )
