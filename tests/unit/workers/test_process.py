"""The worker as a process: its arguments and its health."""

from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from tests.unit.workers.environment import WHOLE
from workers import __main__ as program
from workers.process import app
from workflows.sales.agent import SALES


@pytest.fixture
def whole(monkeypatch):
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("arguments", [[], ["sales", "extra"]])
def test_a_pool_is_named(monkeypatch, arguments):
    """One argument, or the usage."""
    monkeypatch.setattr("sys.argv", ["workers", *arguments])
    with pytest.raises(SystemExit, match="usage: python -m workers <agent>"):
        program.main()


def test_an_unknown_pool_is_told_with_those_there_are(monkeypatch, whole):
    """Before anything is opened."""
    monkeypatch.setattr("sys.argv", ["workers", "salse"])
    with pytest.raises((SystemExit, LookupError), match="sales"):
        program.main()


@dataclass
class FakeWorker:
    is_running: bool = True


@pytest.fixture
def worker():
    return FakeWorker()


@pytest.fixture
def process(worker):
    """The process's HTTP door while it is up."""

    @asynccontextmanager
    async def polling():
        yield worker

    with TestClient(app(SALES, polling())) as client:
        yield client


def test_health_names_the_queue(process):
    """Whoever asks a pool's worker sees which one it is."""
    answer = process.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "task_queue": "agent-sales"})


def test_a_worker_that_has_stopped_polling_is_not_well(process, worker):
    """The orchestrator ends a process that only looks alive."""
    worker.is_running = False
    answer = process.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not polling")
