"""Activities over a real store, the real gateway client and real MCP, with only the far ends stood in for."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from store.blobs import Blobs
from store.database import Database
from tests.unit.activities.workshop import Workshop


@pytest.fixture(scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("activities") / "migrated.db"
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.migrate()
    await database.close()
    return file


@pytest.fixture
async def db(migrated: Path, tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'farm.db')}")
    yield database
    await database.close()


@pytest.fixture
def blobs(db: Database) -> Blobs:
    return Blobs(db)


@pytest.fixture
def env() -> ActivityEnvironment:
    return ActivityEnvironment()


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()
