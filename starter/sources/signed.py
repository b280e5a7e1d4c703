"""Signed JSON, from whatever system can post it: who signed it, and the event in it. Pure.

The signature is made as Stripe makes its own (https://docs.stripe.com/webhooks#verify-manually): a header
`Farm-Signature: t=<Unix seconds>,v1=<hex>`, where the hex is HMAC-SHA256 over `<t>.<body>`. More than one `v1` may be
there, and more than one secret may be valid, so that a secret can be changed without refusing anybody.

A captured request sent again within the window is the same event with the same id, and counts once; with another id it
isn't signed.
"""

import hashlib
import hmac
from collections.abc import Sequence
from functools import partial
from secrets import token_hex
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.events import Change, EntityRef, Event
from starter.sources.no_event import parsed
from starter.sources.source import ANY_NAME, Door, Proof, Sent, Source, UnknownSenderError

HEADER = "farm-signature"
WINDOW_S = 300
"""Seconds between the sender's clock and ours."""

MOST_SIGNATURES = 5


class Note(BaseModel):
    """What is posted: an event, but for its source, which is the one whose secret signed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    kind: str = Field(min_length=1, max_length=200)
    entity: EntityRef
    occurred_at: AwareDatetime
    actor: str = ""
    tenant: str = Field(default="", max_length=200)
    summary: str = Field(default="", max_length=500)
    changes: dict[str, Change] = {}


def check(sent: Sent, secrets: Sequence[str], now: float) -> None:
    """Raise UnknownSenderError unless one of the secrets signed this body within `WINDOW_S` of `now` (Unix seconds)."""
    signed_at, signatures = _parts(sent.headers.get(HEADER, ""))
    if abs(now - signed_at) > WINDOW_S:
        raise UnknownSenderError(
            f"signed more than {WINDOW_S} s before or after our time: a replay, or a clock that is off"
        )
    # A source that nobody knows takes as long as a wrong secret.
    expected = [_mac(sent.body, signed_at, secret) for secret in secrets or [token_hex()]]
    if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures):
        raise UnknownSenderError("the signature fits no secret of this source")


def sign(body: bytes, secret: str, now: int) -> str:
    """The header's value, as a sender makes it."""
    return f"t={now},v1={_mac(body, now, secret)}"


def normalise(source: str, payload: Any) -> Event:
    """The event in a decoded body. Raises MalformedWebhookError, which names the field."""
    return Event(source=source, **dict(parsed(Note, payload)))


def _parts(header: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1"][:MOST_SIGNATURES]
    usable = len(times) == 1 and times[0].isascii() and times[0].isdecimal() and len(times[0]) <= 12  # noqa: PLR2004
    if not usable or not signatures or not header.isascii():
        raise UnknownSenderError("the request carries no usable Farm-Signature: t=<Unix seconds>,v1=<hex>")
    return int(times[0]), signatures


def _mac(body: bytes, signed_at: int, secret: str) -> str:
    return hmac.new(secret.encode(), b"%d." % signed_at + body, hashlib.sha256).hexdigest()


SIGNATURE = Proof(check, {"type": "apiKey", "in": "header", "name": HEADER})


def named(source: str) -> Source:
    """A source that posts events itself, under that name."""
    return Source(
        source,
        (Door(f"/webhooks/signed/{{{ANY_NAME}}}", SIGNATURE),),
        partial(normalise, source),
        Note,
        "Any system that has a secret of its own posts an event",
    )


SIGNED = named("signed")
