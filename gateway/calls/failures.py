"""What went wrong with a model call, and whether waiting helps. Pure, so that the whole table can be tested."""

import re
from collections.abc import Mapping
from datetime import datetime

from contracts.failures import Failure, FailureKind, wait_in_seconds


class GatewayError(Exception):
    """A model call that brought no answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def _says(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


# LiteLLM moves errors between statuses (too long: 400, a provider's budget: 429, a key's: 422, overloaded: 500), so
# the text decides first. Its class names are part of the text; the vendors' own words stand beside them.
_BY_TEXT: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    (
        "context_too_long",
        _says(
            "ContextWindowExceeded",
            "prompt is too long",
            "request_too_large",
            "context.length",
            "maximum context",
            "input is too long",
        ),
    ),
    ("refused", _says("ContentPolicyViolation", "content_policy", "content[ _]filter", "responsible ai policy")),
    (
        "budget",
        _says(
            "BudgetExceeded",
            "budget_exceeded",
            "ExceededBudget",
            "budget has been exceeded",
            "crossed budget",
            "insufficient_quota",
            "credit balance is too low",
            "billing_error",
        ),
    ),
    ("passing", _says("overloaded_error", "rate_limit_error")),
)
_BY_STATUS: Mapping[int, FailureKind] = {
    402: "budget",
    413: "context_too_long",
    **dict.fromkeys((408, 409, 425, 429, 500, 502, 503, 504, 529), "passing"),
}
_LONGEST_MESSAGE = 500


def classify(status: int | None, body: str, headers: Mapping[str, str], now: datetime) -> Failure:
    """Tell a passing failure from a lasting one. `status` is None where no answer came at all."""
    by_status: FailureKind = "passing" if status is None else _BY_STATUS.get(status, "permanent")
    # Without an answer the text is our own client's, and says nothing of the vendor.
    said = None if status is None else next((kind for kind, words in _BY_TEXT if words.search(body)), None)
    kind = said or by_status
    return Failure(
        kind=kind,
        message=_message(status, body, headers),
        status=status,
        retry_after_s=wait_in_seconds(headers.get("retry-after"), now) if kind == "passing" else None,
    )


def _message(status: int | None, body: str, headers: Mapping[str, str]) -> str:
    if status is None:
        return f"The gateway gave no answer: {body[:_LONGEST_MESSAGE]}"
    # the gateway's own refusals carry no deployment
    who = "The model's vendor" if "x-litellm-model-id" in headers else "The gateway"
    return f"{who} answered {status}: {body[:_LONGEST_MESSAGE]}"
