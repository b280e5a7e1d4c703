"""How the proxy's process ends where its environment is wrong: before LiteLLM is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"FARM_GATEWAY_KEYS": '{"sales": "s3cret"'}, "FARM_GATEWAY_KEYS: it is not the JSON that it should be"),
        ({"FARM_GATEWAY_STORE_URL": "mysql://farm:s3cret@h/b"}, "FARM_GATEWAY_STORE_URL names no database"),
        ({"FARM_GATEWAY_STORE_URL": "postgresql://farm:s3cret@127.0.0.1:1/b"}, "the gateway's book can't be opened"),
    ],
    ids=str,
)
def test_a_wrong_environment_is_told_without_its_secrets(environment: dict[str, str], said: str) -> None:
    """In a line that names what is wrong."""
    surroundings = {"PATH": os.environ["PATH"], **environment}
    command = [sys.executable, "-m", "gateway.serve"]
    ran = subprocess.run(command, cwd=REPO, env=surroundings, capture_output=True, text=True, check=False)
    assert (ran.returncode, said in ran.stderr) == (1, True)
    assert "s3cret" not in ran.stderr
    assert "Traceback" not in ran.stderr
