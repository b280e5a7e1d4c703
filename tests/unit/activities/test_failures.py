"""Which failures Temporal tries again, and when."""

from datetime import timedelta

import pytest

from activities.failures import model_error, tool_error, tool_failure
from gateway.failures import Failure


@pytest.mark.parametrize(
    ("text", "kind", "retry_after_s"),
    [
        ("passing: rate limit, retry-after=30", "passing", 30.0),
        ("passing: rate limit, retry-after=1.5", "passing", 1.5),
        ("passing: Slack can't be reached", "passing", None),
        ("bad arguments: field: unknown", "bad_arguments", None),
        ("permanent: no permission", "permanent", None),
        ("Error calling tool 'x': ouch", "permanent", None),
        ("it is passing: or so", "permanent", None),
        ("", "permanent", None),
    ],
)
def test_a_tools_error_says_its_kind(text, kind, retry_after_s):
    """By its first words; what says nothing is permanent, for the server has answered."""
    failure = tool_failure(text)
    assert (failure.kind, failure.message, failure.retry_after_s) == (kind, text, retry_after_s)


@pytest.mark.parametrize("kind", ["permanent", "budget", "context_too_long", "refused"])
def test_only_a_passing_model_failure_is_tried_again(kind):
    """All others reach the workflow with their kind."""
    error = model_error(Failure(kind=kind, message="no"))
    assert (error.type, error.non_retryable) == (kind, True)
    assert not model_error(Failure(kind="passing", message="no")).non_retryable


def test_retry_after_is_obeyed():
    """Temporal waits as long as the vendor asked, and by its own rule where nobody said."""
    assert model_error(Failure(kind="passing", message="", retry_after_s=9)).next_retry_delay == timedelta(seconds=9)
    assert tool_error(tool_failure("passing: x, retry-after=9")).next_retry_delay == timedelta(seconds=9)
    assert tool_error(tool_failure("passing: x")).next_retry_delay is None
