import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.integration.model_gateway import model_gateway
from tests.integration.processes import PYTHON, ROOT, free_port, started
from tests.integration.trace_store import TraceStore, trace_store

HERE = "tests.integration.telemetry"


class Toy:
    """The toy's processes, and what a test does to them."""

    def __init__(self, env: dict[str, str], logs: Path, client: Client, store: TraceStore) -> None:
        self.env = env
        self.logs = logs
        self.client = client
        self.store = store

    def worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return started([PYTHON, "-m", f"{HERE}.toy_worker"], self.env, log=self.logs / "worker.log")

    async def event(self, entity: str, runs: int = 1) -> str:
        """An event at the door; the id of its trace."""
        process = await asyncio.create_subprocess_exec(
            *[PYTHON, "-m", f"{HERE}.toy_starter", entity, str(runs)],
            cwd=ROOT,
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return printed.decode().strip()

    async def waiting(self, run: str) -> None:
        """Until the run waits for its approval, its model call behind it and in the trace store."""
        await _until(lambda: [s for s in self.store.spans() if s["span_kind"] == "LLM" and _is_of(s, run)])

    async def spans(self, trace: str, at_least: int) -> list[dict[str, Any]]:
        """The trace, once it has so many spans, and then as long as a duplicate could need to arrive."""
        await _until(lambda: len(self.store.trace(trace)) >= at_least)
        await asyncio.sleep(1)
        return self.store.trace(trace)


def _is_of(span: dict[str, Any], run: str) -> bool:
    return bool(span["attributes"]["farm.run"] == run)


async def _until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(40):
        while not true():  # noqa: ASYNC110  # another process is looked at: there is no event to wait for
            await asyncio.sleep(0.2)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TraceStore]:
    with trace_store(tmp_path_factory.mktemp("phoenix")) as running:
        yield running


@pytest.fixture(scope="session")
async def toy(tmp_path_factory: pytest.TempPathFactory, store: TraceStore) -> AsyncIterator[Toy]:
    logs = tmp_path_factory.mktemp("toy")
    temporal, port = shutil.which("temporal", path=str(ROOT / ".venv/bin")), free_port()
    address = f"http://127.0.0.1:{port}/mcp"
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=temporal) as local:
        with model_gateway(logs) as gateway:
            env = {
                "TEMPORAL_ADDRESS": local.client.service_client.config.target_host,
                "OTEL_EXPORTER_OTLP_ENDPOINT": store.url,
                "FARM_GATEWAY_URL": gateway.url,
                "FARM_GATEWAY_KEY": gateway.key,
                "FARM_PORT": str(port),
                "TOY_SERVER": address,
                "TOY_VENDOR": f"{gateway.vendor}/healthz",
            }
            with started([PYTHON, "-m", f"{HERE}.toy_server"], env, log=logs / "server.log"):
                yield Toy(env, logs, local.client, store)
