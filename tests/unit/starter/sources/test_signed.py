"""JSON that is signed as Stripe signs its own."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from contracts.events import Change
from starter.sources.no_event import MalformedWebhookError
from starter.sources.signed import HEADER, check, normalise, sign
from starter.sources.source import Sent, UnknownSenderError

NOW = 1_795_000_000
BODY = json.dumps({"id": "inv-991", "summary": "payée"}, ensure_ascii=False).encode()
PAID: dict[str, Any] = {
    "id": "inv-991-paid",
    "kind": "invoice.paid",
    "entity": {"kind": "deal", "id": "42"},
    "occurred_at": "2026-11-23T07:26:30Z",
    "actor": "billing:anna",
    "tenant": "billing:branch:lyon",
    "summary": "Invoice 991 is paid",
    "changes": {"status": {"old": "open", "new": "paid"}},
}


def verify(body: bytes, header: str, secrets: list[str], now: int) -> None:
    check(Sent({HEADER: header}, body=body), secrets, now)


def test_the_signature_is_hmac_over_time_and_body() -> None:
    """As any language can make it, without our code."""
    theirs = hmac.new(b"old", f"{NOW}.".encode() + BODY, hashlib.sha256).hexdigest()
    verify(BODY, f"t={NOW},v1={theirs}", ["new", "old"], NOW + 299)
    assert sign(BODY, "old", NOW) == f"t={NOW},v1={theirs}"


def test_a_sender_may_sign_with_two_secrets_while_one_is_changed() -> None:
    """One that fits is enough."""
    header = f"{sign(BODY, 'theirs alone', NOW)},v1={sign(BODY, 'ours', NOW).partition('v1=')[2]}"
    verify(BODY, header, ["ours"], NOW)


@pytest.mark.parametrize(
    ("body", "header", "now", "says"),
    [
        (BODY + b" ", sign(BODY, "ours", NOW), NOW, "fits no secret"),
        (BODY, sign(BODY, "another", NOW), NOW, "fits no secret"),
        (BODY, sign(BODY, "ours", NOW).replace(f"t={NOW}", f"t={NOW + 1}"), NOW, "fits no secret"),
        (BODY, sign(BODY, "ours", NOW), NOW + 301, "a replay, or a clock"),
        (BODY, sign(BODY, "ours", NOW), NOW - 301, "a replay, or a clock"),
        (BODY, "", NOW, "no usable Farm-Signature"),
        (BODY, f"t={NOW}", NOW, "no usable Farm-Signature"),
        (BODY, f"t={NOW},t={NOW},v1=00", NOW, "no usable Farm-Signature"),
        (BODY, "t=٣,v1=00", NOW, "no usable Farm-Signature"),
        (BODY, f"t={'9' * 5000},v1=00", NOW, "no usable Farm-Signature"),
        (BODY, f"t={NOW},v1=é", NOW, "no usable Farm-Signature"),
    ],
)
def test_what_is_not_signed_is_refused(body: bytes, header: str, now: int, says: str) -> None:
    """Another body, another secret, another time, or no signature: each is said."""
    with pytest.raises(UnknownSenderError, match=says):
        verify(body, header, ["ours"], now)


def test_a_source_without_secrets_believes_nobody() -> None:
    """An empty list is no open door."""
    with pytest.raises(UnknownSenderError):
        verify(BODY, sign(BODY, "", NOW), [], NOW)


def test_the_event_is_the_senders_and_its_source_ours() -> None:
    """The source is the one whose secret signed it, so no sender can speak for another."""
    event = normalise("billing", PAID)
    assert (event.source, event.kind, str(event.entity), event.actor) == (
        "billing",
        "invoice.paid",
        "deal:42",
        "billing:anna",
    )
    assert event.tenant == "billing:branch:lyon"
    assert event.changes == {"status": Change(old="open", new="paid")}


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ([], "payload: "),
        (PAID | {"source": "pipedrive"}, "source: Extra inputs"),
        (PAID | {"entity": {"kind": "Deal", "id": "42"}}, "entity.kind: String should match"),
        (PAID | {"occurred_at": "2026-11-23T07:26:30"}, "occurred_at: Input should have timezone"),
        ({name: value for name, value in PAID.items() if name != "id"}, "id: Field required"),
    ],
)
def test_what_is_no_event_is_said_by_its_field(payload: Any, says: str) -> None:
    """So that the sender can mend it."""
    with pytest.raises(MalformedWebhookError, match=says):
        normalise("billing", payload)
