from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.calls.client import Gateway
from tests.integration.model_gateway import ModelGateway, model_gateway
from tests.integration.processes import ROOT, environment_python, free_port, started

KEY = "key-of-the-model-server"
SERVE = str(ROOT / "envs/local-model/serve.py")


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's server with the packaged weights, on a port of its own."""
    python = environment_python("local-model")
    url = f"http://127.0.0.1:{(port := free_port())}"
    log = tmp_path_factory.mktemp("model-server") / "server.log"
    with started([python, SERVE, "--port", str(port)], {"FARM_MODEL_SERVER_KEY": KEY}, ready=f"{url}/health", log=log):
        yield url


@pytest.fixture(scope="session")
def stack(model_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelGateway]:
    """The gateway with all roles on that server; the vendor's stand-in runs beside it, and isn't asked."""
    logs: Path = tmp_path_factory.mktemp("gateway")
    with model_gateway(logs, FARM_MODEL_SERVER=model_server, FARM_MODEL_SERVER_KEY=KEY) as running:
        yield running


@pytest.fixture
async def gateway(stack: ModelGateway) -> AsyncIterator[Gateway]:
    client = Gateway(stack.url, stack.key)
    yield client
    await client.close()
