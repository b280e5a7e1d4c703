"""Every way in which the door refuses a request: a status, a reason in words, and a reason to count by."""

from collections.abc import Mapping
from typing import Literal, get_args

from starlette.exceptions import HTTPException

Reason = Literal[
    "unauthorized",
    "content_type",
    "malformed",
    "too_large",
    "too_slow",
    "broken_off",
    "rate",
    "in_flight",
    "inbox_full",
    "disk_full",
    "quarantine_full",
    "nowhere",
    "out_of_turn",
    "unexpected",
]
REASONS: tuple[Reason, ...] = get_args(Reason)

SOON = 5
"""Seconds."""


class Refused(HTTPException):
    """An HTTPException that knows what it is counted as. A 429 or 503 says when to come again."""

    def __init__(
        self,
        status: int,
        detail: str,
        why: Reason,
        headers: Mapping[str, str] | None = None,
        retry_s: int = SOON,
    ) -> None:
        again = {"Retry-After": str(retry_s)} if status in {429, 503} else {}
        super().__init__(status, detail, headers={**again, **(headers or {})})
        self.why: Reason = why
