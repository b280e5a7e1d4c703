"""`python -m starter` as the process it is."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from tests.unit.starter.payloads import META, deal_change

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
IN_PATH = "n3w-Secret_of-the-path"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answering(url: str) -> None:
    async with httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"{url}/livez")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@asynccontextmanager
async def running(temporal: Client, tmp_path: Path, store: Path) -> AsyncIterator[tuple[Process, str]]:
    """A starter and its address. The CRM is not asked: no token."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "FARM_PORT": str(port),
        "FARM_STORE_URL": f"sqlite+aiosqlite:///{store}",
        "FARM_WEBHOOK_USERNAME": "pipedrive",
        "FARM_WEBHOOK_PASSWORD_FILE": str(_written(tmp_path / "password", "secret\n")),
        "FARM_SOURCE_SECRETS": json.dumps({"pipedrive-path": [IN_PATH]}),
        "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "starter", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    url = f"http://127.0.0.1:{port}"
    async with asyncio.timeout(30):
        await answering(url)
    yield process, url
    if process.returncode is None:
        process.kill()
        await process.communicate()


@pytest.fixture
async def starter(temporal: Client, tmp_path: Path) -> AsyncIterator[tuple[Process, str]]:
    async with running(temporal, tmp_path, tmp_path / "farm.db") as one:
        yield one


async def test_an_event_carries_the_trace_of_its_request(temporal: Client, starter: tuple[Process, str]) -> None:
    """What the run's trace will hang below is in the event itself, and it is the request's own span."""
    _, url = starter
    async with httpx.AsyncClient(auth=("pipedrive", "secret")) as client:
        payload = deal_change() | {"meta": META | {"entity_id": "900"}}
        answer = await client.post(f"{url}/webhooks/pipedrive", json=payload, headers={"traceparent": "00-" + "a" * 32})
    assert answer.status_code == 202
    history = await temporal.get_workflow_handle("sales:deal:900").fetch_history()
    (signalled,) = [
        event.workflow_execution_signaled_event_attributes
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    event = json.loads(signalled.input.payloads[0].data)
    carried = json.loads(signalled.header.fields["_tracer-data"].data)
    assert event["traceparent"].startswith("00-")
    assert event["traceparent"] == carried["traceparent"]
    assert "a" * 32 not in event["traceparent"]


async def test_it_stops_when_told(starter: tuple[Process, str]) -> None:
    """SIGTERM ends it within five seconds, having closed what it opened."""
    process, _ = starter
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(5):
        _, log = await process.communicate()
    assert b"Application shutdown complete" in log
    assert b"Traceback" not in log


async def test_it_comes_up_without_its_store_and_migrates_it_later(temporal: Client, tmp_path: Path) -> None:
    """Events go to Temporal meanwhile, and the health says why; once the store is there they are written down."""
    (tmp_path / "later").touch()  # where the store's folder is to be
    store = tmp_path / "later" / "farm.db"
    async with (
        running(temporal, tmp_path, store) as (_, url),
        httpx.AsyncClient(auth=("pipedrive", "secret"), base_url=url) as client,
    ):

        async def send(number: int) -> tuple[int, str]:
            payload = deal_change() | {"meta": META | {"entity_id": "901", "id": f"901-{number}"}}
            answer = await client.post("/webhooks/pipedrive", json=payload)
            return answer.status_code, answer.json()["outcome"]

        health = await client.get("/readyz")
        assert (health.status_code, health.json()["status"]) == (200, "unrecorded")
        assert health.json()["parts"] == {"temporal": "ok", "store": "not migrated"}
        assert await send(1) == (202, "accepted")
        (tmp_path / "later").unlink()
        async with asyncio.timeout(15):
            while (health := await client.get("/healthz")).json()["status"] != "ok":  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert health.json()["parts"] == {"temporal": "ok", "store": "ok"}
        assert [await send(2), await send(2)] == [(202, "accepted"), (202, "duplicate")]


async def test_a_secret_in_the_path_stands_in_nothing_it_writes(starter: tuple[Process, str]) -> None:
    """Neither of a good request nor of a mistyped one, nor of one that is no HTTP at all."""
    process, url = starter
    async with httpx.AsyncClient() as client:
        good = await client.post(f"{url}/webhooks/pipedrive/{IN_PATH}", json=deal_change())
        capitals = await client.post(f"{url}/Webhooks/Pipedrive/{IN_PATH}", json=deal_change())
    assert (good.status_code, capitals.status_code) == (202, 404)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(f"POST /webhooks/pipedrive/{IN_PATH} NO HTTP\r\n\r\n".encode())
    refused = await reader.read()
    writer.close()
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        _, log = await process.communicate()
    assert b"POST /webhooks/pipedrive/* 202" in log
    assert b"POST /*/*/* 404" in log
    assert b"400" in refused
    assert IN_PATH.encode() not in log + refused
