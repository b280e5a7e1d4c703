"""What a failed call means for Temporal: try again, when, or never.

One place for models and one for tools. A tool server says itself which kind an error is, by the first words of
its text. No answer at all is passing: a durable retry costs less than a lost run.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from temporalio.exceptions import ApplicationError

from gateway.failures import Failure

RETRY_AFTER = re.compile(r"retry-after=(\d+(?:\.\d+)?)")


def model_error(failure: Failure) -> ApplicationError:
    """The error that the workflow sees; its `type` is the failure's kind."""
    return ApplicationError(
        failure.message,
        type=failure.kind,
        non_retryable=failure.kind != "passing",
        next_retry_delay=_delay(failure.retry_after_s),
    )


@dataclass(frozen=True)
class ToolFailure:
    """A tool's error. `bad_arguments` and `permanent` go back to the model; `passing` is Temporal's to retry."""

    kind: Literal["passing", "permanent", "bad_arguments"]
    message: str
    retry_after_s: float | None = None


def tool_failure(text: str) -> ToolFailure:
    """Read a tool's error text: `passing: ...`, `bad arguments: ...`, anything else is permanent.

    Temporal would repeat an unknown error for nothing: the server has answered, and would answer the same.
    """
    if text.startswith("passing:"):
        found = RETRY_AFTER.search(text)
        return ToolFailure("passing", text, float(found.group(1)) if found else None)
    if text.startswith("bad arguments:"):
        return ToolFailure("bad_arguments", text)
    return ToolFailure("permanent", text)


def tool_error(failure: ToolFailure) -> ApplicationError:
    """The error that makes Temporal try a tool again."""
    return ApplicationError(failure.message, type=failure.kind, next_retry_delay=_delay(failure.retry_after_s))


def _delay(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
