"""What all tool servers' tests stand on: a store of their own, and its ledger as living and dead servers use it."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from store.database import Database
from store.migrations.upgrade import upgrade_to_head
from store.tool_ledger import ToolLedger


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("store") / "migrated.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        upgrade_to_head(connection)
    engine.dispose()
    return file


@pytest.fixture
async def db(migrated: Path, tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'farm.db')}")
    yield database
    await database.close()


@pytest.fixture
def ledger(db: Database) -> ToolLedger:
    return ToolLedger(db)


@pytest.fixture
def dead(db: Database) -> ToolLedger:
    """The ledger of a server that died: what it began, nobody holds any more."""
    return ToolLedger(db, lease=timedelta(0))
