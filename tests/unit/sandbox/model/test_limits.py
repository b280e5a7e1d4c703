"""Requests a minute."""

import pytest

from sandbox.model.errors import VendorError
from sandbox.model.limits import RateLimit


def test_the_limit_is_enforced_and_lifted_with_the_minute(clock):
    """The request over the limit is a 429 that says when the minute ends; then there is room again."""
    limit = RateLimit(2, clock)
    limit.take()
    limit.take()
    clock.now += 20
    with pytest.raises(VendorError) as caught:
        limit.take()
    assert (caught.value.status, caught.value.retry_after) == (429, 41)
    clock.now += 41
    limit.take()
    assert limit.headers()["anthropic-ratelimit-requests-remaining"] == "1"


def test_a_vendors_minute_may_be_shorter(clock):
    """So that a test of a minute's limit takes seconds."""
    limit = RateLimit(1, clock, window=3)
    limit.take()
    with pytest.raises(VendorError) as caught:
        limit.take()
    assert caught.value.retry_after == 4
    clock.now += 3
    limit.take()
