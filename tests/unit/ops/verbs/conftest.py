"""A verb on a store of its own, as `./farm` calls it."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from ops.cli import application
from store.database import Database

T = TypeVar("T")


@dataclass
class Records:
    """The farm's own records, and the verbs that read them."""

    url: str

    def do(self, work: Callable[[Database], Awaitable[T]]) -> T:
        async def on_it() -> T:
            db = Database(self.url)
            try:
                return await work(db)
            finally:
                await db.close()

        return asyncio.run(on_it())

    def farm(self, *words: str) -> Result:
        return CliRunner().invoke(application(words), list(words))


@pytest.fixture
def on_record(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    url = f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'farm.db')}"
    monkeypatch.setenv("FARM_STORE_URL", url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    return Records(url)
