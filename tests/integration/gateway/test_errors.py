"""Every way in which a vendor fails, through the real proxy: which typed failure the client makes of it."""

import pytest

from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.gateway.calls import call
from tests.integration.model_gateway import ModelGateway

pytestmark = pytest.mark.stack

TOO_LONG = "prompt is too long: 210000 tokens > 200000 maximum"
FILTERED = "Output blocked by content filtering policy"
NO_CREDIT = "Your credit balance is too low to access the Anthropic API."


def _fails(status: int, message: str = "") -> dict[str, object]:
    return {"mode": "fail", "status": status, "message": message}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(_fails(400), ("permanent", 400, None), id="400"),
        pytest.param(_fails(401), ("permanent", 401, None), id="401"),
        pytest.param(_fails(402), ("budget", 402, None), id="402"),
        pytest.param(_fails(403), ("permanent", 403, None), id="403"),
        pytest.param(_fails(404), ("permanent", 404, None), id="404"),
        pytest.param(_fails(408), ("passing", 408, None), id="408"),
        pytest.param(_fails(413), ("context_too_long", 400, None), id="413, which the proxy makes a 400"),
        pytest.param({"mode": "rate-limit", "retry_after": 1}, ("passing", 429, 1.0), id="429 and when"),
        pytest.param({"mode": "rate-limit", "retry_after": None}, ("passing", 429, None), id="429"),
        pytest.param(_fails(500), ("passing", 500, None), id="500"),
        pytest.param(_fails(502), ("passing", 502, None), id="502"),
        pytest.param(_fails(503), ("passing", 503, None), id="503"),
        pytest.param(_fails(504), ("passing", 504, None), id="504"),
        pytest.param(_fails(529), ("passing", 529, None), id="529"),
        pytest.param({"mode": "garbage"}, ("passing", 500, None), id="malformed JSON"),
        pytest.param({"mode": "cut"}, ("passing", 500, None), id="cut body"),
        pytest.param(_fails(400, TOO_LONG), ("context_too_long", 400, None), id="context too long"),
        pytest.param(_fails(400, FILTERED), ("refused", 400, None), id="content refused"),
        pytest.param(_fails(400, NO_CREDIT), ("budget", 400, None), id="no credit"),
    ],
)
async def test_a_vendors_failure_is_typed(gateway: Gateway, proxy: ModelGateway, fault, expected) -> None:
    """Kind, status and Retry-After; one request at the vendor; and the next call is well, for nothing is hidden."""
    asked = proxy.figures()
    proxy.fault(times=1, **fault)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call())
    failure = caught.value.failure
    assert (failure.kind, failure.status, failure.retry_after_s) == expected
    assert sum(proxy.figures()["refused"].values()) == sum(asked["refused"].values()) + 1
    assert (await gateway.complete(call())).text


async def test_a_refusal_is_an_answer_and_says_so(gateway: Gateway, proxy: ModelGateway) -> None:
    """It is paid for, so it has its cost, and the run that reads it can be told from one that was answered."""
    proxy.fault(mode="refuse", times=1)
    answer = await gateway.complete(call())
    assert (answer.stop_reason, answer.text) == ("refusal", "")
    assert answer.cost_usd > 0


async def test_a_lasting_failure_is_never_hidden_by_those_before_it(gateway: Gateway, proxy: ModelGateway) -> None:
    """Asked a dozen times, the vendor's own 401 comes each time: nothing cools down, and no gate is shut."""
    proxy.fault(mode="fail", status=401, times=12)
    said = []
    for _ in range(12):
        with pytest.raises(GatewayError) as caught:
            await gateway.complete(call("insight"))
        said.append((caught.value.failure.kind, caught.value.failure.status))
    assert said == [("permanent", 401)] * 12
    assert (await gateway.complete(call("insight"))).text


async def test_how_a_vendor_is_can_be_seen(gateway: Gateway, proxy: ModelGateway) -> None:
    """Figures by role, without a word of what was asked; a standby's answers are counted."""
    proxy.fault(mode="fail", status=529, times=1, model="claude-sonnet-5-5")
    await gateway.complete(call("orchestrator"))
    seen = proxy.vendors()["orchestrator"]
    assert seen["by_standby"] >= 1
    assert (seen["state"], seen["under_way"]) == ("open", 0)
