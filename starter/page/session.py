"""Who is signed in: a cookie that is signed, and ends by the server's own clock."""

import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from itsdangerous import TimestampSigner
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from starter.page.access import Terms

IDLE_S = 8 * 3600
"""Nobody came for so long: whoever comes now has to sign in again."""

LONGEST_S = 24 * 3600
"""Signed in for so long, however busy."""

LONGEST_MESSAGE = 500
"""A cookie holds 4 KB."""

Session = MutableMapping[str, Any]


@dataclass(frozen=True)
class SignedIn:
    """Somebody. `by`: the name that a decision is recorded under."""

    by: str
    name: str = ""


@dataclass(frozen=True)
class Said:
    """What is to be told on the next page."""

    message: str
    good: bool
    about: str = ""
    """The question that it is about."""


class Sessions(SessionMiddleware):
    """The cookie: not readable by scripts, not sent by others' forms, by no plain HTTP but on loopback."""

    def __init__(self, app: ASGIApp, terms: Terms) -> None:
        super().__init__(
            app,
            secret_key=terms.secrets[0],
            # A name with this prefix is taken by a browser from the host itself alone, and from no host below it.
            session_cookie="__Host-farm" if terms.is_secure else "farm",
            max_age=LONGEST_S,
            same_site="lax",  # the way back from the provider is a link from elsewhere
            https_only=terms.is_secure,
        )
        # Signs with the last; all are known, so that a secret can be changed and nobody has to sign in again.
        self.signer = TimestampSigner([*reversed(terms.secrets)])


def sign_in(session: Session, who: SignedIn) -> None:
    """A session begins: nothing of before is in it, the token of forms neither."""
    session.clear()
    now = int(time.time())
    session.update(by=who.by, name=who.name, since=now, seen=now)


def signed_in(session: Session) -> SignedIn | None:
    """Who it is, and that they were here now; None, and an empty session, where that was too long ago."""
    by, now = session.get("by"), int(time.time())
    if not by:
        return None
    if now - session.get("seen", 0) > IDLE_S or now - session.get("since", 0) > LONGEST_S:
        session.clear()
        return None
    session["seen"] = now
    return SignedIn(by, session.get("name", ""))


def say(session: Session, message: str, *, good: bool, about: str = "") -> None:
    """Keep what the next page shall tell."""
    session["said"] = {"message": message[:LONGEST_MESSAGE], "good": good, "about": about}


def said(session: Session) -> Said | None:
    """What is to be told now, once."""
    kept = session.pop("said", None)
    return Said(**kept) if kept else None
