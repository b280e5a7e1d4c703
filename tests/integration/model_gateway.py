"""The gateway as it runs: LiteLLM in its own environment, in front of the vendor's stand-in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

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

    def faults(self) -> list[dict[str, object]]:
        """What is still to come."""
        faults: list[dict[str, object]] = httpx.get(f"{self.vendor}/sandbox/faults").json()["faults"]
        return faults

    def figures(self) -> dict[str, Any]:
        """What the vendor counted: calls answered, and refused by status."""
        figures: dict[str, Any] = httpx.get(f"{self.vendor}/sandbox/calls").json()
        return figures

    def vendors(self) -> dict[str, Any]:
        """What the gateway says of them, by role."""
        roles: dict[str, Any] = httpx.get(f"{self.url}/farm/vendors").json()["roles"]
        return roles

    def mend(self) -> None:
        httpx.delete(f"{self.vendor}/sandbox/faults").raise_for_status()


@contextmanager
def model_gateway(
    logs: Path, vendor_env: Mapping[str, str] = MappingProxyType({}), **more_env: str
) -> Iterator[ModelGateway]:
    """Both processes, ready. `more_env` is the gateway's."""
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
            {"FARM_PORT": str(vendor_port), **vendor_env},
            ready=f"{vendor}/healthz",
            log=logs / "model.log",
        ),
        started([python, "-m", "gateway.serve"], env, ready=f"{url}/health/liveliness", log=logs / "gateway.log"),
    ):
        yield ModelGateway(url, vendor)
