"""A logical call is paid once, through the real proxy and with callers that really die."""

import asyncio
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from gateway.calls.request import parameters
from tests.integration.gateway.calls import call
from tests.integration.model_gateway import ModelGateway, model_gateway
from tests.integration.processes import PYTHON, ROOT

pytestmark = pytest.mark.stack

CALLER = """
import asyncio, sys
from gateway.calls.call import Call
from gateway.calls.client import Gateway
asyncio.run(Gateway(sys.argv[1], sys.argv[2]).complete(Call.model_validate_json(sys.argv[3])))
"""
SLOW_MS = 1500


def _kill_a_caller(proxy: ModelGateway, wanted: Call) -> None:
    """A worker asks, and dies while the vendor thinks."""
    proxy.fault(mode="slow", delay_ms=SLOW_MS, times=1)
    argv = [PYTHON, "-c", CALLER, proxy.url, proxy.key, wanted.model_dump_json()]
    caller = subprocess.Popen(argv, cwd=ROOT)
    deadline = time.monotonic() + 30
    while proxy.faults() and time.monotonic() < deadline:
        time.sleep(0.02)
    caller.send_signal(signal.SIGKILL)
    assert caller.wait() == -signal.SIGKILL


async def _raw(proxy: ModelGateway, wanted: Call, **changes: object) -> httpx.Response:
    asked = parameters(wanted)
    headers = {"x-api-key": proxy.key, "anthropic-version": "2023-06-01", **asked.pop("extra_headers")}
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(f"{proxy.url}/v1/messages", json={**asked, **changes}, headers=headers)


@pytest.mark.parametrize("wait_s", [0.0, SLOW_MS / 1000 + 0.5], ids=["while the vendor thinks", "afterwards"])
async def test_a_caller_killed_in_the_middle_has_paid(proxy: ModelGateway, gateway: Gateway, wait_s: float) -> None:
    """Whoever asks the same again joins the call or finds its answer: the vendor answers once, and is paid once."""
    wanted, before = call(), proxy.figures()["calls"]
    _kill_a_caller(proxy, wanted)
    await asyncio.sleep(wait_s)
    answer = await gateway.complete(wanted)
    assert answer.text
    assert answer.cost_usd > 0
    assert proxy.figures()["calls"] == before + 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_repeated_call_is_the_same_to_the_byte(proxy: ModelGateway, stream: bool) -> None:
    """Body, cost and who answered; streams too. Only how it was answered differs."""
    wanted, before = call(), proxy.figures()["calls"]
    first, again = [await _raw(proxy, wanted, stream=stream) for _ in range(2)]
    assert (first.headers["x-farm-once"], again.headers["x-farm-once"]) == ("paid", "kept")
    assert again.content == first.content
    for name in ("x-litellm-response-cost", "x-litellm-model-name", "x-farm-answered-by", "content-type"):
        assert again.headers.get(name) == first.headers.get(name)
    assert proxy.figures()["calls"] == before + 1


async def test_a_stream_that_broke_off_is_asked_anew(proxy: ModelGateway) -> None:
    """Half an answer is none, and is never given again."""
    wanted = call()
    proxy.fault(mode="cut", times=1)
    try:
        first = (await _raw(proxy, wanted, stream=True)).text
    except httpx.RemoteProtocolError:
        first = ""
    again = await _raw(proxy, wanted, stream=True)
    assert "message_stop" not in first
    assert ("message_stop" in again.text, again.headers["x-farm-once"]) == (True, "paid")


@pytest.mark.parametrize("fault", [{"mode": "fail", "status": 529}, {"mode": "fail", "status": 500}, {"mode": "cut"}])
async def test_what_failed_is_paid_when_it_succeeds(proxy: ModelGateway, gateway: Gateway, fault) -> None:
    """A failure isn't kept: the next attempt asks the vendor, and the one after that doesn't."""
    wanted, before = call(), proxy.figures()["calls"]
    proxy.fault(times=1, **fault)
    with pytest.raises(GatewayError):
        await gateway.complete(wanted)
    first, again = await gateway.complete(wanted), await gateway.complete(wanted)
    assert (first.content, first.cost_usd) == (again.content, again.cost_usd)
    assert proxy.figures()["calls"] == before + 1


async def test_another_agent_is_not_given_what_one_paid_for(proxy: ModelGateway) -> None:
    """The operator asks the same under the same name, and pays for itself."""
    wanted = call()
    await _raw(proxy, wanted)
    asked = parameters(wanted)
    headers = {"x-api-key": "sk-of-the-operator", "anthropic-version": "2023-06-01", **asked.pop("extra_headers")}
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{proxy.url}/v1/messages", json=asked, headers=headers)
    assert answer.headers["x-farm-once"] == "paid"


@pytest.mark.slow
async def test_an_answer_outlives_the_gateway(tmp_path: Path) -> None:
    """Killed and started again on the same file, the gateway knows what it paid for."""
    wanted, file = call(), str(tmp_path / "answers.db")
    with model_gateway(tmp_path, FARM_GATEWAY_KEPT=file) as before:
        first = await _raw(before, wanted)
    with model_gateway(tmp_path, FARM_GATEWAY_KEPT=file) as after:
        again = await _raw(after, wanted)
        assert after.figures()["calls"] == 0
    assert (again.content, again.headers["x-farm-once"]) == (first.content, "kept")
