"""Which failures Temporal tries again, and when."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from mcp.types import (
    CONNECTION_CLOSED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_TIMEOUT,
)

from activities.failures import model_error, tool_error, tool_failure
from contracts.failures import Failure, FailureKind

NOON = datetime(2026, 10, 21, 12, 0, tzinfo=UTC)


def failure(text: str, code: int | None = None) -> Failure:
    return tool_failure(text, code, NOON)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("passing: Slack can't be reached", "passing"),
        ("Passing: Slack can't be reached", "passing"),
        ("permanent: no permission, said the rate limit", "permanent"),
        ("bad arguments: field: unknown", "bad_arguments"),
        ("bad_arguments: field: unknown", "bad_arguments"),
        ("budget: 1,000 mails a month are sent", "budget"),
        ("REFUSED: mails go to clients alone", "refused"),
        ("it is passing: or so", "permanent"),
    ],
)
def test_our_own_servers_say_the_kind_first(text, kind):
    """The convention's first words decide, whatever follows them."""
    assert (failure(text).kind, failure(text).message) == (kind, text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Error calling tool 'x': 429 rate limit", "passing"),
        ("Error: Request failed with status code 429", "passing"),
        ("TOO MANY REQUESTS", "passing"),
        ("HTTP 503 Service Unavailable", "passing"),
        ("Error: Request failed with status code 502", "passing"),
        ("connect ECONNREFUSED 10.0.0.7:443", "passing"),
        ("The operation timed out", "passing"),
        ("upstream is overloaded, try again later", "passing"),
        ("Monthly quota exceeded", "budget"),
        ("Quota exceeded, too many requests this month", "budget"),
        ("HTTP 402 Payment Required", "budget"),
        ("403 Forbidden", "refused"),
        ("status: 401", "refused"),
        ("Permission denied", "refused"),
        ("Unauthorised", "refused"),
        ("1 validation error for add_note\ncontent\n  Missing required argument", "bad_arguments"),
        ("'content' is a required property", "bad_arguments"),
        ("MCP error -32602: Invalid params", "bad_arguments"),
        ("Request failed with status code 422", "bad_arguments"),
        ("Error calling tool 'x': ouch", "permanent"),
        ("503 items were found, none fits", "permanent"),
        ("There is no unit 429", "permanent"),
        ("No deal 42", "permanent"),
        ("x" * 300 + " timed out", "permanent"),
        ("", "permanent"),
    ],
)
def test_other_makers_are_read_by_the_usual_words(text, kind):
    """At the beginning of what they say, in any case; a number alone is no status. The rest is permanent."""
    assert failure(text).kind == kind


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (INVALID_PARAMS, "Unknown tool: speak", "bad_arguments"),
        (METHOD_NOT_FOUND, "Method not found", "permanent"),
        (INVALID_REQUEST, "Bad Request", "permanent"),
        (PARSE_ERROR, "Failed to parse JSON response", "permanent"),
        (INTERNAL_ERROR, "Internal error", "passing"),
        (INTERNAL_ERROR, "Forbidden", "refused"),
        (INTERNAL_ERROR, "quota exceeded", "budget"),
        (REQUEST_TIMEOUT, "Request timed out", "passing"),
        (CONNECTION_CLOSED, "Connection closed", "passing"),
        (-32050, "Too many requests", "passing"),
        (-32050, "No such room", "permanent"),
        (METHOD_NOT_FOUND, "too many requests", "permanent"),
    ],
)
def test_a_protocol_error_is_read_by_its_code(code, text, kind):
    """A code with one meaning decides; `internal error` is whatever its text says, else the server's own trouble."""
    assert (failure(text, code).kind, failure(text, code).status) == (kind, code)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("passing: rate limit, retry-after=30", 30.0),
        ("passing: rate limit, Retry-After: 1.5", 1.5),
        ("Too many requests. Retry after 3 seconds", 3.0),
        ("Rate limit: please try again in 20s.", 20.0),
        ("Rate limited. RETRY-AFTER: Wed, 21 Oct 2026 12:01:00 GMT", 60.0),
        ("Rate limited. Retry-After: Wed, 21 Oct 2026 11:59:00 GMT", 0.0),
        ("Rate limited. Retry-After: Wed, 99 Oct 2026 11:59:00 GMT", None),
        ("Rate limited. Retry-After: 999999999", 86_400.0),
        ("Rate limited. Retry-After: 1.2.3", None),
        ("Rate limited. Retry-After: soon", None),
        ("passing: Slack can't be reached", None),
        ("permanent: no; retry-after=30", None),
    ],
)
def test_when_to_come_back_is_read_from_the_text(text, seconds):
    """In seconds or as a date; what can't be read is left to the retry policy, and a lasting failure has none."""
    assert failure(text).retry_after_s == seconds


@pytest.mark.parametrize(
    ("text", "nothing_done"),
    [
        ("bad arguments: content: too long", True),
        ("permanent: no such deal", True),
        ("429 Too Many Requests", True),
        ("503 Service Unavailable", False),
        ("passing: the CRM did not answer", False),
        ("passing: the CRM's rate limit, retry-after=3", False),
    ],
)
def test_a_refusal_did_nothing_and_a_failure_in_the_middle_may_have(text, nothing_done):
    """Our own servers may have got half way before they met a limit: they keep a ledger for that."""
    assert failure(text).nothing_done == nothing_done


@pytest.mark.parametrize("kind", get_args(FailureKind))
def test_only_a_passing_model_failure_is_tried_again(kind):
    """All others reach the workflow with their kind."""
    error = model_error(Failure(kind=kind, message="no"))
    assert (error.type, error.non_retryable) == (kind, kind != "passing")


def test_retry_after_is_obeyed():
    """Temporal waits as long as the vendor asked, and by its own rule where nobody said."""
    assert model_error(Failure(kind="passing", message="", retry_after_s=9)).next_retry_delay == timedelta(seconds=9)
    assert tool_error(failure("passing: x, retry-after=9")).next_retry_delay == timedelta(seconds=9)
    assert tool_error(failure("passing: x")).next_retry_delay is None
