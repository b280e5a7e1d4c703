"""`python -m ops.drill.worker <agent> <book> <workers>`: an agent's pool that dies and rises.

One process imports everything once and forks the workers, before Temporal's runtime, a thread or an event loop is in
it; so a worker that was killed is back in a moment. A worker is what `python -m workers` runs, with wires around it.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from contextlib import AbstractContextManager, AsyncExitStack, closing
from pathlib import Path
from typing import NoReturn

from contracts.agents import AgentSpec
from contracts.environment import read
from ops.drill.book import Book
from ops.drill.interceptor import WiredWorker
from ops.drill.wires import WiredGateway, WiredServers, Wires
from store.database import Database
from telemetry.setup import telemetry
from workers.pool import build, parts
from workers.process import temporal
from workers.settings import WorkerSettings
from workflows.registry import agent

log = logging.getLogger(__name__)

BREATH_S = 1.0
"""Before the next, where a worker ended by itself: it would do so again at once."""


def main() -> NoReturn:
    logging.basicConfig(level="INFO", format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx2").setLevel("WARNING")
    name, book, workers = sys.argv[1:]
    Pool(agent(name), Path(book), int(workers), read(WorkerSettings, "drill worker")).keep_up()


class Pool:
    """So many workers, at all times."""

    def __init__(self, spec: AgentSpec, book: Path, size: int, settings: WorkerSettings) -> None:
        self._spec = spec
        self._file = book
        self._size = size
        self._settings = settings
        self._living: dict[int, int] = {}
        """Process id -> number of the life."""

        self._lives = 0

    def keep_up(self) -> NoReturn:
        """Until SIGTERM; the group of processes is ended by whoever started it."""
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        gc.freeze()  # what is there now is shared by all: the collector shall not copy it by looking
        while True:
            while len(self._living) < self._size:
                self._fork()
            self._mourn(*os.wait())

    def _fork(self) -> None:
        self._lives += 1
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os._exit(_work(self._spec, self._file, self._lives, self._settings))
        self._living[pid] = self._lives
        with self._open_book() as book:
            book.born(self._lives, pid)

    def _mourn(self, pid: int, status: int) -> None:
        with self._open_book() as book:
            book.died(self._living.pop(pid))
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            log.error("worker %d ended by itself, with %d", pid, os.waitstatus_to_exitcode(status))
            time.sleep(BREATH_S)

    def _open_book(self) -> AbstractContextManager[Book]:
        """No connection is held between: SQLite's don't survive a fork."""
        return closing(Book(self._file))

    def _end(self) -> NoReturn:
        for pid in self._living:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _work(spec: AgentSpec, file: Path, life: int, settings: WorkerSettings) -> int:
    try:
        asyncio.run(_poll(spec, Wires(Book(file, life)), settings))
    except Exception:
        log.exception("the worker ends")
    return 1


async def _poll(spec: AgentSpec, wires: Wires, settings: WorkerSettings) -> None:
    """What `workers.process.polling` opens, with wires; it is never closed in good order."""
    with telemetry(f"agent-{spec.name}", settings.otlp_endpoint):
        async with AsyncExitStack() as opened:
            db = Database(settings.store_url)
            opened.push_async_callback(db.close)
            gateway = WiredGateway(settings.gateway_url, settings.gateway_key, wires)
            servers = WiredServers(settings.tool_servers, wires)
            its = parts(spec, db, gateway, servers, settings.channel)
            await build(await temporal(), spec, its, settings, interceptors=[WiredWorker(wires)]).run()


if __name__ == "__main__":
    main()
