"""`python -m starter` as the process it is."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from tests.unit.starter.payloads import META, deal_change

ROOT = Path(__file__).parents[3]


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


@pytest.fixture
async def starter(temporal: Client, tmp_path: Path) -> AsyncIterator[tuple[Process, str]]:
    """A running starter and its address. The CRM is not asked: no token."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "FARM_PORT": str(port),
        "FARM_STORE_URL": f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}",
        "FARM_WEBHOOK_USERNAME": "pipedrive",
        "FARM_WEBHOOK_PASSWORD": "secret",
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
        await process.wait()


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
