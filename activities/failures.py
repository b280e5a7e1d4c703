"""What a failed call means for Temporal: try again, when, or never.

One place for models and one for tools. The farm's own tool servers say which kind an error is, by the first words of
its text; of other makers' the JSON-RPC code and the usual words are read. No answer at all is passing: a durable
retry costs less than a lost run.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from mcp.types import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REQUEST_TIMEOUT,
)
from temporalio.exceptions import ApplicationError

from contracts.failures import Failure, FailureKind, wait_in_seconds

# How the farm's own tool servers begin an error's text (docs/reference/mcp-tools.md).
_CONVENTION = re.compile(r"\s*(passing|permanent|bad[ _]arguments|budget|refused)\s*:", re.IGNORECASE)

_BY_CODE: Mapping[int, FailureKind] = {
    CONNECTION_CLOSED: "passing",
    REQUEST_TIMEOUT: "passing",
    INTERNAL_ERROR: "passing",
    INVALID_PARAMS: "bad_arguments",
    INVALID_REQUEST: "permanent",
    METHOD_NOT_FOUND: "permanent",
}


def _status(*codes: int) -> str:
    """A status where it is one: `HTTP 503`, `status: 503`, `(503)`; not the 503 of `503 items`."""
    numbers = "|".join(map(str, codes))
    return rf"(?:\b(?:https?|status|code|error)[ _]?(?:code)?[ :=]*\(?|\()(?:{numbers})\b"


def _says(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


# The usual words of servers that follow no convention, at the beginning of what they say: an error may quote its
# arguments further on. `passing` is held narrow, for a wrong one is tried again for a day.
_HEAD = 200
_TURNED_AWAY = _says(r"rate[ _-]?limit", "too many requests", _status(429))
_BY_TEXT: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    (
        "budget",
        _says(
            r"\bquota\b", r"\bbudget\b", r"insufficient[ _](?:credit|fund|balance)", "payment required", _status(402)
        ),
    ),
    ("passing", _TURNED_AWAY),
    (
        "refused",
        _says(
            r"\bforbidden\b",
            r"\bunauthori[sz]ed\b",
            "(?:permission|access) denied",
            "not permitted",
            r"(?:against|violates|by) (?:\w+ )?policy",
            _status(401, 403),
        ),
    ),
    (
        "bad_arguments",
        _says(
            "validation error",
            r"invalid (?:argument|input|param)",
            r"missing (?:\d+ )?required",
            "is a required property",
            _status(400, 422),
        ),
    ),
    (
        "passing",
        _says(
            r"\btimed? ?out\b",
            r"(?:service|temporarily) unavailable",
            r"\boverloaded\b",
            r"connection (?:refused|reset)",
            r"\bECONN(?:REFUSED|RESET)\b",
            r"\bETIMEDOUT\b",
            r"(?:try|retry) again (?:later|in)\b",
            _status(500, 502, 503, 504, 529),
        ),
    ),
)
# `retry-after=3`, `Retry-After: Wed, 21 Oct 2026 07:28:00 GMT`, `retry after 3 seconds`, `try again in 3s`
_RETRY_AFTER = re.compile(
    r"(?:retry[ _-]?after|try again in)[ :=]*(?P<wait>[\d.]+|\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT)", re.IGNORECASE
)


def model_error(failure: Failure) -> ApplicationError:
    """The error that the workflow sees; its `type` is the failure's kind."""
    return ApplicationError(
        failure.message,
        type=failure.kind,
        non_retryable=failure.kind != "passing",
        next_retry_delay=_delay(failure.retry_after_s),
    )


def tool_failure(text: str, code: int | None, now: datetime) -> Failure:
    """Read a tool's error: its text, and the JSON-RPC code where the protocol itself refused. Pure.

    The convention's first words decide, then a code that has one meaning, then the usual words. What says nothing is
    permanent: the server has answered, and would answer the same.
    """
    kind = _kind(text, code)
    found = _RETRY_AFTER.search(text) if kind == "passing" else None
    return Failure(
        kind=kind,
        message=text,
        status=code,
        retry_after_s=wait_in_seconds(found["wait"], now) if found else None,
        nothing_done=kind != "passing" or (not _CONVENTION.match(text) and bool(_TURNED_AWAY.search(text[:_HEAD]))),
    )


def _kind(text: str, code: int | None) -> FailureKind:
    if convention := _CONVENTION.match(text):
        return _SPELLED[convention[1].lower().replace(" ", "_")]
    by_code = _BY_CODE.get(code) if code is not None else None
    if by_code not in {None, "passing"}:
        return by_code
    by_text = next((kind for kind, words in _BY_TEXT if words.search(text[:_HEAD])), None)
    return by_text or by_code or "permanent"


_SPELLED: Mapping[str, FailureKind] = {
    "passing": "passing",
    "permanent": "permanent",
    "bad_arguments": "bad_arguments",
    "budget": "budget",
    "refused": "refused",
}


def tool_error(failure: Failure) -> ApplicationError:
    """The error that makes Temporal try a tool again."""
    return ApplicationError(failure.message, type=failure.kind, next_retry_delay=_delay(failure.retry_after_s))


def _delay(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
