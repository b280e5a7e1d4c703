"""What the gateway leaves out of LiteLLM's work isn't done."""

import pytest

from tests.integration.gateway.accounts import Accounts

pytestmark = pytest.mark.stack

WORTH_PACKING = 500
"""Bytes from which LiteLLM would."""


async def test_an_answer_is_not_compressed(accounts: Accounts) -> None:
    """Though its caller could read it."""
    answer = accounts.post(messages=[{"role": "user", "content": "An offer for the heaters of the north wing? " * 20}])
    assert "gzip" in answer.request.headers["accept-encoding"]
    assert len(answer.content) > WORTH_PACKING
    assert "content-encoding" not in answer.headers
