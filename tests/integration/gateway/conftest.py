from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.accounts.book import Book
from gateway.calls.client import Gateway
from tests.integration.gateway.accounts import Accounts
from tests.integration.model_gateway import ModelGateway, model_gateway


@pytest.fixture(scope="session")
def book_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book") / "gateway.db"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, book_file: Path) -> Iterator[ModelGateway]:
    """With a book and kept answers, as on the embedded stack."""
    logs, book = tmp_path_factory.mktemp("gateway"), f"sqlite:///{book_file}"
    answers = str(logs / "answers.db")
    with model_gateway(logs, FARM_GATEWAY_STORE_URL=book, FARM_GATEWAY_KEPT=answers) as running:
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


@pytest.fixture
async def accounts(proxy: ModelGateway, book_file: Path) -> AsyncIterator[Accounts]:
    """The proxy's book, with an agent for this test alone, and a farm without limits."""
    book = Book(f"sqlite:///{book_file}")
    open_accounts = Accounts(proxy, book)
    yield open_accounts
    await open_accounts.close()
