from datetime import UTC, datetime

import pytest

from contracts.failures import Failure
from gateway.calls.failures import classify

NOON = datetime(2026, 10, 21, 12, 0, tzinfo=UTC)
VENDOR = {"x-litellm-model-id": "abc"}
OVERLOADED = '{"error":{"message":"InternalServerError: AnthropicError - overloaded_error"}}'
LIMIT = '{"error":{"type":"rate_limit_error","message":"litellm.RateLimitError: AnthropicException"}}'
TOO_LONG = '{"error":{"message":"litellm.ContextWindowExceededError: prompt is too long: 210000 tokens > 200000"}}'
PROVIDER_BUDGET = '{"error":{"message":"Deployment budget: crossed budget for provider anthropic"}}'
KEY_BUDGET = '{"error":{"type":"budget_exceeded","message":"Budget has been exceeded! Current cost: 5.1"}}'
QUOTA = '{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}'
CREDIT = '{"error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}'
POLICY = '{"error":{"message":"litellm.ContentPolicyViolationError: blocked"}}'


def failure(status: int | None, body: str, headers: dict[str, str] | None = None) -> Failure:
    return classify(status, body, headers or {}, NOON)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, LIMIT, "passing"),
        (529, OVERLOADED, "passing"),
        (500, OVERLOADED, "passing"),
        (400, OVERLOADED, "passing"),
        (400, OVERLOADED.upper(), "passing"),
        (500, "Cannot connect to host", "passing"),
        (408, "Timeout", "passing"),
        (409, "", "passing"),
        (425, "", "passing"),
        (502, "", "passing"),
        (503, "", "passing"),
        (504, "", "passing"),
        (None, "ConnectError: refused", "passing"),
        (None, "ReadTimeout: while reading 'prompt is too long'", "passing"),
        (400, TOO_LONG, "context_too_long"),
        (500, TOO_LONG.lower(), "context_too_long"),
        (400, "This model's maximum context length is 8192 tokens", "context_too_long"),
        (400, "request_too_large: Request exceeds the maximum size", "context_too_long"),
        (413, "request_too_large", "context_too_long"),
        (413, "", "context_too_long"),
        (429, PROVIDER_BUDGET, "budget"),
        (429, PROVIDER_BUDGET.upper(), "budget"),
        (422, KEY_BUDGET, "budget"),
        (429, QUOTA, "budget"),
        (400, CREDIT, "budget"),
        (402, "", "budget"),
        (400, POLICY, "refused"),
        (400, "The response was filtered by CONTENT_FILTER", "refused"),
        (400, "messages: at least one message is required", "permanent"),
        (401, "invalid x-api-key", "permanent"),
        (403, "key not allowed to access model", "permanent"),
        (404, "no such model", "permanent"),
        (418, "", "permanent"),
    ],
)
def test_what_waiting_helps_is_told_from_what_it_does_not(status: int | None, body: str, kind: str) -> None:
    """The text decides where the proxy moved an error to another status; the status decides the rest."""
    assert failure(status, body).kind == kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("soon", None),
        ("", None),
        ("7 s", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("9999999", 86_400.0),
        ("Wed, 21 Oct 2026 12:00:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 14:00:30 +0200", 30.0),
        ("Wed, 21 Oct 2026 12:00:30", 30.0),
        ("Wed, 21 Oct 2026 11:00:00 GMT", 0.0),
        ("Wed, 21 Okt 2026 12:00:30 GMT", None),
        ("Fri, 21 Oct 9999 12:00:00 GMT", 86_400.0),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    """What is neither is left to the retry policy; nobody is waited for longer than a day."""
    assert failure(429, LIMIT, {"retry-after": header}).retry_after_s == seconds


def test_a_spent_budget_is_not_retried_when_the_header_says_so() -> None:
    """Retry-After on a lasting failure would be an invitation to wait for nothing."""
    assert failure(429, PROVIDER_BUDGET, {"retry-after": "60"}).retry_after_s is None


def test_the_message_says_who_refused() -> None:
    """A vendor's 401 and the gateway's own share a status; the deployment's id tells them apart."""
    assert failure(401, "no", VENDOR).message.startswith("The model's vendor answered 401")
    assert failure(401, "no").message.startswith("The gateway answered 401")


def test_a_message_is_kept_short() -> None:
    """An error's text may repeat the request: only its head is kept."""
    assert len(failure(400, "x" * 10_000).message) < 600
