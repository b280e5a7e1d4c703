"""A verb on a store of its own, as `./farm` calls it."""

import asyncio
import json
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
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
    monkeypatch.setenv("PIPEDRIVE_API_TOKEN", "")
    return Records(url)


@pytest.fixture
def known_as_11(on_record: Records, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The CRM knows us as its user 11, who made the samples' changes."""

    class Crm(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/v1/users/me" and self.headers["x-api-token"] == "ours"
            self.send_response(200 if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"data": {"id": 11}}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Crm)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    monkeypatch.setenv("PIPEDRIVE_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("PIPEDRIVE_API_TOKEN", "ours")
    yield
    server.shutdown()
    serving.join()
    server.server_close()
