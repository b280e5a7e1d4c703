"""What went wrong with a model call, and whether waiting helps. Pure, so that the whole table can be tested."""

import re
from collections.abc import Mapping
from typing import Literal

from contracts.frozen import Frozen

Kind = Literal["passing", "permanent", "budget", "context_too_long", "refused"]


class Failure(Frozen):
    """`passing` may be tried again, after `retry_after_s` where the vendor said so; the rest may not."""

    kind: Kind
    message: str
    status: int | None = None
    retry_after_s: float | None = None


class GatewayError(Exception):
    """A model call that brought no answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


# LiteLLM moves errors between statuses (too long: 400, a provider's budget: 429, a key's: 422), so the text
# decides first. Its class names are part of the text; the vendors' own words stand beside them.
_BY_TEXT: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "context_too_long",
        re.compile(r"ContextWindowExceeded|prompt is too long|request_too_large|context length", re.IGNORECASE),
    ),
    ("refused", re.compile(r"ContentPolicyViolation|content_policy|content filter", re.IGNORECASE)),
    ("budget", re.compile(r"BudgetExceeded|ExceededBudget|budget has been exceeded|crossed budget", re.IGNORECASE)),
)
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LONGEST_MESSAGE = 500


def classify(status: int | None, body: str, headers: Mapping[str, str]) -> Failure:
    """Tell a passing failure from a lasting one. `status` is None where no answer came at all."""
    by_status: Kind = "passing" if status is None or status in _PASSING else "permanent"
    kind = next((kind for kind, said in _BY_TEXT if said.search(body)), by_status)
    return Failure(
        kind=kind,
        message=_message(status, body, headers),
        status=status,
        retry_after_s=_seconds(headers.get("retry-after")) if kind == "passing" else None,
    )


def _message(status: int | None, body: str, headers: Mapping[str, str]) -> str:
    if status is None:
        return f"The gateway gave no answer: {body[:_LONGEST_MESSAGE]}"
    # the gateway's own refusals carry no deployment
    who = "The model's vendor" if "x-litellm-model-id" in headers else "The gateway"
    return f"{who} answered {status}: {body[:_LONGEST_MESSAGE]}"


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:  # the header's other form is a date, which no model vendor sends
        return None
