"""The gateway as the chart mounts it: its own files in an otherwise empty folder, and LiteLLM's environment."""

import pytest

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.gateway.mounting import mounted
from tests.integration.model_gateway import model_gateway

pytestmark = [pytest.mark.stack, pytest.mark.slow]


async def test_the_mounted_files_are_enough(tmp_path) -> None:
    """It starts without the rest of the repository, and passes on what the bare proxy would lose."""
    with model_gateway(tmp_path, **mounted(tmp_path)) as running:
        client = Gateway(running.url, running.key)
        call = Call(role="triage", system="You sort.", messages=[{"role": "user", "content": "An offer?"}], call_id="c")
        assert (await client.complete(call)).model == "sandbox-rules/claude-haiku-5-5"
        running.fault(mode="rate-limit", times=1, retry_after=7)
        with pytest.raises(GatewayError) as caught:
            await client.complete(call.model_copy(update={"call_id": "d"}))
        assert caught.value.failure.retry_after_s == 7
        await client.close()
