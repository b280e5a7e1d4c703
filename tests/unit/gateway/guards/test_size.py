"""How big a request may be, and what is said of one that is bigger."""

import pytest

from contracts.guards import Guards
from gateway.calls.failures import GatewayError
from tests.unit.gateway.guards.test_guard import Proxy, asks

PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 50_000}}


async def test_too_much_text_doesnt_leave() -> None:
    """A typed refusal that says how much it was, of which most, what was allowed, and what to do."""
    proxy = Proxy()
    with pytest.raises(GatewayError) as caught:
        await proxy.complete(asks("short", "x" * 8_000, tags={"agent": "sales", "run": "r"}), Guards(most_tokens=1_000))
    assert proxy.sent == []
    failure = caught.value.failure
    assert (failure.kind, failure.nothing_done) == ("context_too_long", True)
    assert "sales may send 1,000 (guards.most_tokens)" in failure.message
    assert "The biggest of it: message 2 (user), 2,0" in failure.message
    assert "workflows/sales/agent.py" in failure.message


async def test_a_picture_counts_as_bytes_and_not_as_words() -> None:
    """Its base64 is no text: it passes the limit of tokens, and meets the one of bytes."""
    call = asks("look").model_copy(update={"messages": ({"role": "user", "content": [PICTURE]},)})
    proxy = Proxy()
    await proxy.complete(call, Guards(most_tokens=1_000))
    assert len(proxy.sent) == 1
    with pytest.raises(GatewayError) as caught:
        await proxy.complete(call, Guards(most_bytes=40_000))
    assert len(proxy.sent) == 1
    assert "(guards.most_bytes)" in caught.value.failure.message


async def test_what_fits_leaves() -> None:
    """A request of just the size that is allowed."""
    proxy = Proxy()
    await proxy.complete(asks("x" * 3_000), Guards(most_tokens=1_000))
    assert len(proxy.sent) == 1
