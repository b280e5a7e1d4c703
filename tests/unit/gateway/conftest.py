"""The gateway's book, on each of its two databases."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL

from gateway.accounts.book import Book
from tests.postgres import as_text, create_database, running_postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def book_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    return as_text(create_database(request.getfixturevalue("postgres"), f"book_{uuid4().hex}"))


@pytest.fixture
def book(book_url: str) -> Iterator[Book]:
    opened = Book(book_url)
    yield opened
    opened.close()
