"""What comes from Slack when a person acts: is it really Slack, and what does the person want?

Pure. Formats: docs.slack.dev/authentication/verifying-requests-from-slack and
docs.slack.dev/reference/interaction-payloads. What our buttons and modals carry:

    button    action_id `farm.approve`, `farm.reject`, `farm.happened` or `farm.choice.<n>`: decides;
              `farm.edit`, `farm.answer`, `farm.why` or `farm.always`: opens a modal;
              value {"approval": id, "workflow": workflow id, "hash": arguments hash}, of a choice with its "answer"
    modal     callback_id as of the button that opened it; `starter.slack.modal` and `.smaller_modals`
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import Clock, SignatureVerifier

from contracts.approvals import Decision, Verdict
from starter.slack import modal, smaller_modals
from starter.slack.errors import NotFromSlack, NotOurs

Json = dict[str, Any]

BUTTONS = {
    "farm.approve": Verdict.APPROVE,
    "farm.reject": Verdict.REJECT,
    "farm.happened": Verdict.HAPPENED,
}
CHOICE = "farm.choice."
OPENERS = {
    modal.CALLBACK: Verdict.EDIT,
    smaller_modals.ANSWER: Verdict.ANSWER,
    smaller_modals.WHY: Verdict.REJECT,
    smaller_modals.ALWAYS: Verdict.APPROVE,
}


@dataclass(frozen=True)
class Click:
    """A person pressed a button of a question: it decides, or it opens a modal."""

    workflow_id: str
    decision: Decision
    """Where the button opens a modal: what can come of that."""

    opens: str
    """The modal's callback_id; empty where the button decides."""

    channel: str
    trigger_id: str
    """Opens a modal for this person within three seconds."""


@dataclass(frozen=True)
class Submission:
    """A person sent a modal of ours. Of an edit, the decision's arguments are those that the modal showed."""

    workflow_id: str
    decision: Decision
    inputs: tuple[str, ...]
    """The inputs that it shows, in its order."""

    kept: tuple[str, ...] = ()
    """Of an edit: the names of the arguments that it doesn't show, and that stay as they are."""

    faults: Mapping[str, str] = field(default_factory=dict)
    """Input -> why it can't be read, for whoever typed it."""


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
        name = str(action["action_id"])
        if not (name in BUTTONS or name in OPENERS or name.startswith(CHOICE)):
            raise NotOurs(f"button {name!r} decides nothing")
        about = json.loads(action["value"])
        return Click(
            workflow_id=about["workflow"],
            decision=_decided(name, about, payload["user"]["id"]),
            opens=name if name in OPENERS else "",
            channel=payload["container"]["channel_id"],
            trigger_id=payload["trigger_id"],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"the click lacks what our buttons carry ({_what(error)})") from None


def _decided(button: str, about: Json, user: str) -> Decision:
    if button.startswith(CHOICE):
        return _decision(about, user, Verdict.ANSWER, answer=about["answer"])
    return _decision(about, user, (OPENERS | BUTTONS)[button])


def _submission(payload: Json) -> Submission:
    try:
        view, user = payload["view"], payload["user"]["id"]
        callback = view.get("callback_id")
        if callback not in OPENERS:
            raise NotOurs(f"modal {callback!r} is not ours")
        about = json.loads(view["private_metadata"])
        if callback == modal.CALLBACK:
            return _edit(about, modal.read(view), user)
        return Submission(about["workflow"], _said(about, view, user), tuple(view["state"]["values"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotOurs(f"the modal lacks what ours carry ({_what(error)})") from None


def _edit(about: Json, edited: modal.Edited, user: str) -> Submission:
    decision = _decision(about, user, Verdict.EDIT, arguments=edited.arguments)
    return Submission(about["workflow"], decision, edited.inputs, edited.kept, edited.faults)


def _said(about: Json, view: Json, user: str) -> Decision:
    match view["callback_id"]:
        case smaller_modals.ANSWER:
            return _decision(about, user, Verdict.ANSWER, answer=smaller_modals.words(view))
        case smaller_modals.WHY:
            return _decision(about, user, Verdict.REJECT, reason=smaller_modals.words(view))
        case _:
            return _decision(about, user, Verdict.APPROVE, always=smaller_modals.always(view))


def _decision(about: Json, user: str, verdict: Verdict, **said: Any) -> Decision:
    return Decision(
        approval=about["approval"],
        verdict=verdict,
        by=user,
        channel="slack",
        arguments_hash=about.get("hash", ""),
        **said,
    )


def _what(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
