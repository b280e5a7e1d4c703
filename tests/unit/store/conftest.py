"""Every test of the store runs twice: on SQLite and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, text

from store.database import Database
from store.migrations.upgrade import upgrade_to_head
from store.tables import Base
from tests.postgres import as_text, create_database, running_postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(URL.create("sqlite", database=str(file)))
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: URL) -> URL:
    url = create_database(postgres, "migrated")
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store with its tables and nothing in them."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "farm.db")
        yield f"sqlite+aiosqlite:///{file}"
        return
    url: URL = request.getfixturevalue("migrated_postgres")
    yield as_text(url)
    empty(url)


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'bare.db'}"
    return as_text(create_database(request.getfixturevalue("postgres"), f"bare_{uuid4().hex}"))


@pytest.fixture
async def db(store_url: str) -> AsyncIterator[Database]:
    database = Database(store_url)
    yield database
    await database.close()


def migrate(url: URL) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        upgrade_to_head(connection)
    engine.dispose()


def empty(url: URL) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY"))
    engine.dispose()
