"""What can be wrong with a call, of a model or of a tool: one closed set of kinds, spelled here alone."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from contracts.frozen import Frozen

FailureKind = Literal["passing", "permanent", "budget", "context_too_long", "refused", "bad_arguments"]
"""`passing` may be tried again. `budget`: somebody's money or quota is used up. `refused`: by policy or for want of
rights. `bad_arguments` goes back to the model. `permanent` is whatever else a repetition would not mend."""

LONGEST_WAIT_S = 86_400.0
"""A day. Whoever asks for more is asked again after it."""


class Failure(Frozen):
    """A call that brought nothing. `passing` is worth another try, after `retry_after_s` where that was said."""

    kind: FailureKind
    message: str
    status: int | None = None
    """An HTTP status or a JSON-RPC code, where there was one."""

    retry_after_s: float | None = None
    nothing_done: bool = False
    """It is certain that nothing was changed: the call never went out, or was turned away before any work."""


def wait_in_seconds(retry_after: str | None, now: datetime) -> float | None:
    """A Retry-After, in seconds or as an HTTP date; None where it is neither. Never below 0, never above a day."""
    text = (retry_after or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    return min(max(seconds, 0.0), LONGEST_WAIT_S) if math.isfinite(seconds) else None


def _until(date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
