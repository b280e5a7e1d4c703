from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.client import Gateway
from tests.integration.model_gateway import ModelGateway, model_gateway


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelGateway]:
    logs = tmp_path_factory.mktemp("gateway")
    with model_gateway(logs, FARM_GATEWAY_KEPT=str(logs / "answers.db")) as running:
        yield running


@pytest.fixture
def proxy(stack: ModelGateway) -> Iterator[ModelGateway]:
    yield stack
    stack.mend()


@pytest.fixture
async def gateway(proxy: ModelGateway) -> AsyncIterator[Gateway]:
    client = Gateway(proxy.url, proxy.key)
    yield client
    await client.close()
