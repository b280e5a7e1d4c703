"""Our reading of LiteLLM's table, against LiteLLM's own."""

import json
import subprocess

import pytest

from tests.integration.processes import ROOT, environment_python

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.timeout(300)]

COMPARE = """
import json
from datetime import date
import litellm
from litellm.types.utils import Usage
from gateway.prices import pricing
MODELS = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-sonnet-4-6", "gpt-5.5-2026-04-23", "gpt-5.4-nano-2026-03-17")
PROMPTS = ((1000, 0, 0), (900, 5000, 300), (150_000, 0, 0), (100_000, 100_000, 100_000))
for model in MODELS:
    for plain, read, written in PROMPTS:
        usage = {"input_tokens": plain, "output_tokens": 77, "cache_read_input_tokens": read,
                 "cache_creation_input_tokens": written}
        ours = pricing.cost(pricing.told(f"vendor/{model}", usage), usage)
        theirs = sum(litellm.cost_per_token(model=model, prompt_tokens=plain + read + written, completion_tokens=77,
                                            cache_read_input_tokens=read, cache_creation_input_tokens=written))
        print(json.dumps([model, plain, read, written, ours, theirs]))
"""


def test_a_price_is_what_litellm_makes_of_its_table() -> None:
    """For each model of ours, at short and long prompts, with and without a cache."""
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(ROOT)}
    python = environment_python("gateway")
    done = subprocess.run([python, "-c", COMPARE], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 20
    assert [row for row in rows if row[-2] != pytest.approx(row[-1])] == []
