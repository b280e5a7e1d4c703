"""The gateway as the chart mounts it: its own files in an otherwise empty folder, and LiteLLM's environment."""

import shutil

import pytest

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from tests.integration.model_gateway import model_gateway
from tests.integration.processes import ROOT

pytestmark = pytest.mark.stack


async def test_the_mounted_files_are_enough(tmp_path) -> None:
    """It starts without the rest of the repository, and passes on what the bare proxy would lose."""
    mount = tmp_path / "farm" / "gateway"
    for file in (ROOT / "gateway").rglob("*.*"):
        if file.suffix in {".py", ".yaml", ".toml"}:
            place = mount / file.relative_to(ROOT / "gateway")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    alone = {"PYTHONPATH": str(mount.parent), "PYTHONSAFEPATH": "1", "FARM_MODELS": "default"}
    with model_gateway(tmp_path, **alone) as running:
        client = Gateway(running.url, running.key)
        call = Call(role="triage", system="You sort.", messages=[{"role": "user", "content": "An offer?"}], call_id="c")
        assert (await client.complete(call)).model == "sandbox-rules/claude-haiku-5-5"
        running.fault(mode="rate-limit", times=1, retry_after=7)
        with pytest.raises(GatewayError) as caught:
            await client.complete(call.model_copy(update={"call_id": "d"}))
        assert caught.value.failure.retry_after_s == 7
        await client.close()
