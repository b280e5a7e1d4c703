"""What the gateway leaves out of LiteLLM's work isn't done."""

import os
import subprocess

import pytest

from tests.integration.gateway.accounts import Accounts
from tests.integration.processes import ROOT, environment_python

pytestmark = pytest.mark.stack

WORTH_PACKING = 500
"""Bytes from which LiteLLM would."""


async def test_an_answer_is_not_compressed(accounts: Accounts) -> None:
    """Though its caller could read it."""
    answer = accounts.post(messages=[{"role": "user", "content": "An offer for the heaters of the north wing? " * 20}])
    assert "gzip" in answer.request.headers["accept-encoding"]
    assert len(answer.content) > WORTH_PACKING
    assert "content-encoding" not in answer.headers


COUNTING = """
import asyncio
from litellm import Router
from gateway.proxy.lean import MEASURES

router = Router(model_list=[{"model_name": "triage", "litellm_params": {"model": "anthropic/claude-haiku-5-5"}}])
(known,) = router.get_model_list(model_name="triage")
asked = {"model": "triage", "litellm_metadata": {"model_info": known["model_info"], "deployment": "claude-haiku-5-5"}}
looked_up = []
router.get_router_model_info = lambda **_: looked_up.append(1) or {}
for measure in (lambda _: None, MEASURES["idle counting"]):
    measure(None)
    answer = {"usage": {"input_tokens": 1, "output_tokens": 1}}
    asyncio.run(router.increment_deployment_usage_for_response(response=answer, request_kwargs=asked))
    print("looked up", len(looked_up))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("configuration", "times"),
    [("", ["looked up 1", "looked up 1"]), ("their.yaml", ["looked up 1", "looked up 2"])],
)
def test_a_deployment_without_limits_is_not_looked_up(configuration: str, times: list[str]) -> None:
    """After the measure no more, but with somebody's own configuration as before."""
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "FARM_GATEWAY_CONFIG": configuration}
    command = [environment_python("gateway"), "-c", COUNTING]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("looked up")] == times
