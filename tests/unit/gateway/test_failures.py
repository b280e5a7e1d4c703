import pytest

from gateway.failures import classify

VENDOR = {"x-litellm-model-id": "abc"}
OVERLOADED = '{"error":{"message":"InternalServerError: AnthropicError - overloaded_error"}}'
LIMIT = '{"error":{"type":"rate_limit_error","message":"litellm.RateLimitError: AnthropicException"}}'
TOO_LONG = '{"error":{"message":"litellm.ContextWindowExceededError: prompt is too long: 210000 tokens > 200000"}}'
PROVIDER_BUDGET = '{"error":{"message":"Deployment budget: crossed budget for provider anthropic"}}'
KEY_BUDGET = '{"error":{"type":"budget_exceeded","message":"Budget has been exceeded! Current cost: 5.1"}}'
POLICY = '{"error":{"message":"litellm.ContentPolicyViolationError: blocked"}}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, LIMIT, "passing"),
        (529, OVERLOADED, "passing"),
        (500, OVERLOADED, "passing"),
        (500, "Cannot connect to host", "passing"),
        (408, "Timeout", "passing"),
        (502, "", "passing"),
        (503, "", "passing"),
        (504, "", "passing"),
        (None, "ConnectError: refused", "passing"),
        (400, TOO_LONG, "context_too_long"),
        (400, "request_too_large: Request exceeds the maximum size", "context_too_long"),
        (413, "request_too_large", "context_too_long"),
        (429, PROVIDER_BUDGET, "budget"),
        (422, KEY_BUDGET, "budget"),
        (400, POLICY, "refused"),
        (400, "messages: at least one message is required", "permanent"),
        (401, "invalid x-api-key", "permanent"),
        (403, "key not allowed to access model", "permanent"),
        (404, "no such model", "permanent"),
    ],
)
def test_what_waiting_helps_is_told_from_what_it_does_not(status: int | None, body: str, kind: str) -> None:
    """The text decides where the proxy moved an error to another status; the status decides the rest."""
    assert classify(status, body, {}).kind == kind


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-1", 0.0), ("soon", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)
def test_retry_after_is_read_in_seconds(header: str, seconds: float | None) -> None:
    """Vendors send seconds; anything else is left to the retry policy."""
    assert classify(429, LIMIT, {"retry-after": header}).retry_after_s == seconds


def test_a_spent_budget_is_not_retried_when_the_header_says_so() -> None:
    """Retry-After on a lasting failure would be an invitation to wait for nothing."""
    assert classify(429, PROVIDER_BUDGET, {"retry-after": "60"}).retry_after_s is None


def test_the_message_says_who_refused() -> None:
    """A vendor's 401 and the gateway's own share a status; the deployment's id tells them apart."""
    assert classify(401, "no", VENDOR).message.startswith("The model's vendor answered 401")
    assert classify(401, "no", {}).message.startswith("The gateway answered 401")


def test_a_message_is_kept_short() -> None:
    """An error's text may repeat the request: only its head is kept."""
    assert len(classify(400, "x" * 10_000, {}).message) < 600
