"""What a person does in the channel. The page and the control routes both come through here."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from sandbox.slack import answers, payloads
from sandbox.slack.block_rules import elements
from sandbox.slack.delivery import Delivery
from sandbox.slack.envelope import Refusal
from sandbox.slack.modals import replaced
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.seed import TEAM_ID, Person

Json = dict[str, Any]


class NotPossible(Exception):
    """A person can't do that here: no such user, message, button or open modal."""


@dataclass(frozen=True)
class Click:
    """Who clicks which button of which message. `channel` and `ts` name the message."""

    user: str
    channel: str
    ts: str
    action_id: str


async def click(sandbox: Sandbox, base_url: str, by: Click) -> Delivery:
    """`base_url` is where this sandbox is reached, for the response_url. Raises NotPossible."""
    person, channel = _person(sandbox, by.user), sandbox.workspace.channel(by.channel)
    message = sandbox.workspace.message(channel.id, by.ts) if channel else None
    if channel is None or message is None:
        raise NotPossible(f"there is no message {by.ts} in channel {by.channel}")
    block, button = _button(message, by.action_id)
    payload = payloads.block_actions(
        person,
        channel,
        message,
        action=payloads.button_action(block, button, _now_ts()),
        trigger_id=sandbox.triggers.issue(by.user),
        response_url=_response_url(sandbox, base_url, (channel.id, by.ts, by.user)),
    )
    delivery = await sandbox.deliveries.send(payload)
    sandbox.notices[by.user] = delivery.trouble
    return delivery


async def submit_view(sandbox: Sandbox, user: str, view_id: str, given: dict[str, str]) -> Delivery:
    """Submit an open modal with texts by block id; an input not given keeps what it shows.

    What Slack's client would hold back (a required field left empty) is held back here, with status 0.
    Raises NotPossible.
    """
    person, view = _person(sandbox, user), sandbox.workspace.view(user, view_id)
    if view is None:
        raise NotPossible(f"user {user} has no open modal {view_id}")
    if faults := answers.faults(view, given):
        sandbox.view_faults[view_id] = faults
        return Delivery(0, {"response_action": "errors", "errors": faults}, "The form is not complete.")
    payload = payloads.view_submission(person, view, answers.state(view, given), sandbox.triggers.issue(user))
    delivery = await sandbox.deliveries.send(payload)
    sandbox.notices[user] = delivery.trouble
    if not delivery.trouble:
        _obey(sandbox, user, view, delivery.reply)
    return delivery


def close_view(sandbox: Sandbox, view_id: str) -> None:
    sandbox.workspace.close_view(view_id)
    sandbox.view_faults.pop(view_id, None)


def _obey(sandbox: Sandbox, user: str, view: Json, reply: Json) -> None:
    """docs.slack.dev/surfaces/modals: an empty reply closes the modal, an action changes it."""
    match reply.get("response_action"):
        case "errors":
            sandbox.view_faults[view["id"]] = dict(reply["errors"])
        case "update":
            try:
                sandbox.workspace.keep_view(user, replaced(view, reply.get("view", {})))
            except Refusal as refusal:
                sandbox.notices[user] = f"The app's new modal is not valid: {'; '.join(refusal.messages)}"
        case _:
            close_view(sandbox, view["id"])


def _person(sandbox: Sandbox, user: str) -> Person:
    person = sandbox.workspace.person(user)
    if person is None or person.is_bot:
        raise NotPossible(f"there is no person {user}")
    return person


def _button(message: Json, action_id: str) -> tuple[Json, Json]:
    for block in message.get("blocks", []):
        for element in elements(block):
            if element["type"] == "button" and element["action_id"] == action_id:
                return block, element
    raise NotPossible(f"message {message['ts']} has no button {action_id!r}")


def _response_url(sandbox: Sandbox, base_url: str, place: tuple[str, str, str]) -> str:
    secret = secrets.token_urlsafe(18)
    sandbox.response_urls[secret] = place
    return f"{base_url.rstrip('/')}/actions/{TEAM_ID}/{secret}"


def _now_ts() -> str:
    return f"{time.time():.6f}"
