"""How a starter ends, as the process it is: by SIGTERM with requests in flight, and by SIGKILL at the worst moment."""

import asyncio
import os
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker

from contracts.names import STATUS
from contracts.workflows import EntityStatus
from tests.integration.processes import ROOT, free_port
from tests.integration.starter.house import burst
from tests.integration.starter.relay import relayed
from workers.workflow_code import sandbox
from workflows.sales.workflow import SalesDeal

AUTH = ("pipedrive", "secret")


@asynccontextmanager
async def starter(folder: Path, temporal: str, **env: str) -> AsyncIterator[tuple[Process, str]]:
    """A running starter and its address. The CRM is not asked: no token."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "FARM_PORT": str(port),
        "FARM_STORE_URL": f"sqlite+aiosqlite:///{folder / 'farm.db'}",
        "FARM_WEBHOOK_USERNAME": "pipedrive",
        "FARM_WEBHOOK_PASSWORD": "secret",
        "TEMPORAL_ADDRESS": temporal,
        **env,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "starter", cwd=ROOT, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as http:
            while not await answers(http, f"{url}/livez"):  # noqa: ASYNC110  another process has no event of ours
                await asyncio.sleep(0.1)
        yield process, url
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.TransportError:
        return False


def rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "farm.db")) as db:
        return db.execute(query).fetchall()


async def signals(handle: WorkflowHandle[Any, Any]) -> int:
    try:
        history = await handle.fetch_history()
    except RPCError:
        return 0
    return sum(event.HasField("workflow_execution_signaled_event_attributes") for event in history.events)


async def test_killed_between_signal_and_receipt_the_event_is_in_its_workflow_once(
    temporal: Client, tmp_path: Path
) -> None:
    """The sender got no answer and asks again; there is no receipt, so it is signalled again, and counted once."""
    target = temporal.service_client.config.target_host
    deal = str(uuid4().int % 10**12)
    (payload,) = burst(deal, 1)
    handle = temporal.get_workflow_handle(f"sales:deal:{deal}")
    async with starter(tmp_path, target) as (process, url), httpx.AsyncClient(auth=AUTH) as http:
        with closing(sqlite3.connect(tmp_path / "farm.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")  # nobody writes a receipt now
            asking = asyncio.create_task(http.post(f"{url}/webhooks/pipedrive", json=payload))
            async with asyncio.timeout(10):
                while not await signals(handle):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert not asking.done()
            process.kill()
            await asyncio.wait([asking])
            assert isinstance(asking.exception(), httpx.TransportError)
            db.execute("ROLLBACK")
    assert rows(tmp_path, "SELECT * FROM receipts") == []
    async with starter(tmp_path, target) as (_, url), httpx.AsyncClient(auth=AUTH) as http:
        again = await http.post(f"{url}/webhooks/pipedrive", json=payload)
        assert again.json()["outcome"] == "accepted"
        assert (await http.post(f"{url}/webhooks/pipedrive", json=payload)).json()["outcome"] == "duplicate"
    assert await signals(handle) == 2
    async with Worker(temporal, task_queue="agent-sales", workflows=[SalesDeal], workflow_runner=sandbox()):
        status = await handle.query(STATUS, result_type=EntityStatus)
    assert status.pending == 1
    await handle.terminate()


async def test_told_to_stop_it_answers_whatever_is_in_flight(temporal: Client, tmp_path: Path) -> None:
    """Not ready first, then closed; twenty webhooks that wait for a silent Temporal all get their answer, and each
    is on disk."""
    deal = str(uuid4().int % 10**12)
    async with (
        relayed(temporal.service_client.config.target_host) as relay,
        starter(tmp_path, relay.address, FARM_READY_LEAD_S="1") as (process, url),
        httpx.AsyncClient(auth=AUTH, timeout=15, limits=httpx.Limits(max_keepalive_connections=0)) as http,
    ):
        assert (await http.get(f"{url}/readyz")).status_code == 200
        relay.fall_silent()
        asking = [asyncio.create_task(http.post(f"{url}/webhooks/pipedrive", json=each)) for each in burst(deal, 20)]
        await asyncio.sleep(0.5)
        told_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        ready = await http.get(f"{url}/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "draining")
        late = await http.post(f"{url}/webhooks/pipedrive", json=burst(f"{deal}1", 1)[0])
        outcomes = [(await each).json()["outcome"] for each in asking]
        async with asyncio.timeout(10):
            await process.wait()
        assert time.monotonic() - told_at > 1
    assert (outcomes, late.json()["outcome"]) == (["spooled"] * 20, "spooled")
    assert rows(tmp_path, "SELECT count(*) FROM inbox WHERE delivered_at IS NULL") == [(21,)]


async def test_a_second_signal_ends_the_lead(temporal: Client, tmp_path: Path) -> None:
    """Whoever is in a hurry isn't made to wait."""
    target = temporal.service_client.config.target_host
    async with starter(tmp_path, target, FARM_READY_LEAD_S="60") as (process, _):
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
        async with asyncio.timeout(8):
            await process.wait()
