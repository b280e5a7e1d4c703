"""The gateway as it runs: LiteLLM in its own environment, in front of the vendor's stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.integration.processes import PYTHON, environment_python, free_port, started

KEY = "sk-of-the-sales-agent"


@dataclass(frozen=True)
class ModelGateway:
    url: str
    vendor: str
    key: str = KEY

    def fault(self, **fault: object) -> None:
        """Order the vendor's stand-in to misbehave."""
        httpx.post(f"{self.vendor}/sandbox/faults", json=fault).raise_for_status()

    def mend(self) -> None:
        httpx.delete(f"{self.vendor}/sandbox/faults").raise_for_status()


@contextmanager
def model_gateway(logs: Path, **more_env: str) -> Iterator[ModelGateway]:
    """Both processes, ready."""
    python = environment_python("gateway")
    vendor_port, port = free_port(), free_port()
    vendor, url = f"http://127.0.0.1:{vendor_port}", f"http://127.0.0.1:{port}"
    env = {
        "FARM_PORT": str(port),
        "FARM_GATEWAY_KEYS": f'{{"sales": "{KEY}"}}',
        "LITELLM_MASTER_KEY": "sk-of-the-operator",
        "ANTHROPIC_BASE_URL": vendor,
        "ANTHROPIC_API_KEY": "sandbox",
        "OPENAI_BASE_URL": f"{vendor}/v1",
        "OPENAI_API_KEY": "sandbox",
        "AWS_BEDROCK_RUNTIME_ENDPOINT": vendor,
        "AWS_BEARER_TOKEN_BEDROCK": "sandbox",
        "AWS_REGION": "eu-west-3",
        **more_env,
    }
    with (
        started(
            [PYTHON, "-m", "sandbox.model"],
            {"FARM_PORT": str(vendor_port)},
            ready=f"{vendor}/healthz",
            log=logs / "model.log",
        ),
        started([python, "-m", "gateway.serve"], env, ready=f"{url}/health/liveliness", log=logs / "gateway.log"),
    ):
        yield ModelGateway(url, vendor)
