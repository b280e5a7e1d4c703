"""What comes from Slack when a person acts: is it really Slack, and what does the person want?

Pure. Formats: docs.slack.dev/authentication/verifying-requests-from-slack and
docs.slack.dev/reference/interaction-payloads. What our buttons and modals carry:

    button    action_id `farm.approve`, `farm.reject`, `farm.edit` or `farm.happened`,
              value {"approval": id, "workflow": workflow id}
    modal     callback_id `farm.edit`, built and read by `starter.slack.modal`
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from pydantic import JsonValue
from slack_sdk.signature import Clock, SignatureVerifier

from contracts.approvals import Verdict
from starter.slack import modal
from starter.slack.errors import NotFromSlack, NotOurs

Json = dict[str, Any]

BUTTONS = {
    "farm.approve": Verdict.APPROVE,
    "farm.reject": Verdict.REJECT,
    "farm.edit": Verdict.EDIT,
    "farm.happened": Verdict.HAPPENED,
}


@dataclass(frozen=True)
class Click:
    """A person pressed one of the three buttons of a question."""

    approval_id: str
    workflow_id: str
    verdict: Verdict
    user_id: str
    user_name: str
    channel: str
    message_ts: str
    trigger_id: str
    """Opens a modal for this person within three seconds."""


@dataclass(frozen=True)
class Submission:
    """A person sent an edit modal. `arguments` are the whole arguments to run instead, `inputs` those shown."""

    approval_id: str
    workflow_id: str
    arguments: dict[str, JsonValue]
    inputs: tuple[str, ...]
    user_id: str
    user_name: str


class _At(Clock):
    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now


def verify(body: bytes, headers: Mapping[str, str], secrets: tuple[str, ...], now: float) -> None:
    """Raise NotFromSlack unless one of the secrets signed this body within five minutes of `now` (Unix seconds).

    More than one secret is valid at once, so that a secret can be changed without losing a click.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = given.get("x-slack-request-timestamp", ""), given.get("x-slack-signature", "")
    if not (timestamp.isdecimal() and timestamp.isascii() and signature.isascii() and signature):
        raise NotFromSlack("the request carries no usable X-Slack-Request-Timestamp and X-Slack-Signature")
    if abs(now - int(timestamp)) > 300:  # noqa: PLR2004 - Slack's window, in seconds
        raise NotFromSlack("the request is more than five minutes old: a replay, or a clock that is off")
    if not any(_signed(body, timestamp, signature, secret, now) for secret in secrets):
        raise NotFromSlack("the signature fits no signing secret: check SLACK_SIGNING_SECRET")


def _signed(body: bytes, timestamp: str, signature: str, secret: str, now: float) -> bool:
    try:
        return SignatureVerifier(secret, _At(now)).is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False


def parse(body: bytes) -> Click | Submission:
    """Read a verified request's body. Raises NotOurs for whatever else Slack may send, saying what it was."""
    payload = _payload(body)
    match payload.get("type"):
        case "block_actions":
            return _click(payload)
        case "view_submission":
            return _submission(payload)
        case kind:
            raise NotOurs(f"an interaction of type {kind!r} is nothing that we send out")


def _payload(body: bytes) -> Json:
    try:
        [text] = parse_qs(body.decode())["payload"]
        payload = json.loads(text)
    except (KeyError, ValueError):
        raise NotOurs("the body is no form with one JSON `payload`") from None
    if not isinstance(payload, dict):
        raise NotOurs("the payload is no JSON object")
    return payload


def _click(payload: Json) -> Click:
    try:
        # Slack sends one action a click: docs.slack.dev/reference/interaction-payloads/block_actions-payload
        [action] = payload["actions"]
        verdict = BUTTONS.get(action["action_id"])
        if verdict is None:
            raise NotOurs(f"button {action['action_id']!r} decides nothing")
        about = json.loads(action["value"])
        return Click(
            approval_id=about["approval"],
            workflow_id=about["workflow"],
            verdict=verdict,
            user_id=payload["user"]["id"],
            user_name=_name(payload),
            channel=payload["container"]["channel_id"],
            message_ts=payload["container"]["message_ts"],
            trigger_id=payload["trigger_id"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"the click lacks what our buttons carry ({_what(error)})") from None


def _submission(payload: Json) -> Submission:
    try:
        view = payload["view"]
        if view.get("callback_id") != modal.CALLBACK:
            raise NotOurs(f"modal {view.get('callback_id')!r} is not ours")
        edited = modal.read(view)
        return Submission(
            approval_id=edited.approval_id,
            workflow_id=edited.workflow_id,
            arguments=edited.arguments,
            inputs=edited.inputs,
            user_id=payload["user"]["id"],
            user_name=_name(payload),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"the modal lacks what ours carry ({_what(error)})") from None


def _name(payload: Json) -> str:
    user = payload["user"]
    return str(user.get("username") or user.get("name") or user["id"])


def _what(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
