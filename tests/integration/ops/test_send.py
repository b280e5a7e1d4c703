"""An operator's event, from the command line to the entity's workflow."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from ops.errors import FarmError
from ops.verbs.send import send
from store.database import Database
from store.door import Door
from tests.workflow.teamwork import server


@pytest.fixture
async def farm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[WorkflowEnvironment, Database]]:
    url = f"sqlite+aiosqlite:///{tmp_path}/farm.db"
    db = Database(url)
    await db.migrate()
    async with server() as env:
        monkeypatch.setenv("FARM_STORE_URL", url)
        monkeypatch.setenv("TEMPORAL_ADDRESS", env.client.service_client.config.target_host)
        yield env, db
    await db.close()


async def run(*words: str, **options: str) -> None:
    """As a process of its own would: no loop around it."""
    await asyncio.to_thread(partial(send, *words, **options))


async def test_a_deal_that_nobody_looked_after_gets_it(farm: tuple[WorkflowEnvironment, Database]) -> None:
    """The entity's workflow is started, and the door's book says who told what."""
    env, db = farm
    await run("sales", "deal:42", "The client called", by="claire", id_="call-1")
    await run("sales", "deal:42", "The client called", by="claire", id_="call-1")
    history = await env.client.get_workflow_handle("sales:deal:42").fetch_history()
    signals = [each for each in history.events if each.HasField("workflow_execution_signaled_event_attributes")]
    assert b"The client called" in signals[0].workflow_execution_signaled_event_attributes.input.payloads[0].data
    entries = await Door(db).of_entity("deal:42")
    assert [(each.outcome, each.event.actor) for each in entries] == [
        ("accepted", "operator:claire"),
        ("duplicate", "operator:claire"),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody", "deal:42", "x"), "no agent is called 'nobody'"),
        (("sales", "42", "x"), "'42' names nothing"),
        (("sales", "deal:42", "x" * 501), "summary: String should have at most 500"),
    ],
)
def test_what_cannot_be_sent_is_said(words: tuple[str, ...], says: str) -> None:
    """Before anything is asked of Temporal."""
    with pytest.raises(FarmError, match=says):
        send(*words)
