"""A webhook out of quarantine, into its deal's workflow."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ops.errors import FarmError
from ops.verbs.quarantine import Step, quarantine
from store.database import Database
from store.door import Door
from store.quarantine import Quarantine, Unread
from tests.unit.starter.payloads import deal_change
from tests.workflow.teamwork import server


async def test_redriven_it_is_exactly_one_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for twice, and of two copies that the vendor sent: one signal, one entry that says accepted."""
    url = f"sqlite+aiosqlite:///{tmp_path}/farm.db"
    db = Database(url)
    await db.migrate()
    body = json.dumps(deal_change()).encode()
    for _ in range(2):
        await Quarantine(db).keep(Unread("pipedrive", body, "application/json", "a bug of ours"), datetime.now(UTC))
    async with server() as env:
        monkeypatch.setenv("FARM_STORE_URL", url)
        monkeypatch.setenv("PIPEDRIVE_API_TOKEN", "")
        monkeypatch.setenv("TEMPORAL_ADDRESS", env.client.service_client.config.target_host)
        await redrive(1)
        with pytest.raises(FarmError, match="was redriven by claire already"):
            await redrive(1)
        await redrive(2)
        history = await env.client.get_workflow_handle("sales:deal:42").fetch_history()
    signals = [each for each in history.events if each.HasField("workflow_execution_signaled_event_attributes")]
    assert len(signals) == 1
    assert [each.outcome for each in await Door(db).of_entity("deal:42")] == ["accepted", "duplicate"]
    assert await Quarantine(db).waiting() == 0
    await db.close()


async def redrive(number: int) -> None:
    """As a process of its own would: no loop around it."""
    await asyncio.to_thread(partial(quarantine, Step.REDRIVE, [number], by="claire"))
