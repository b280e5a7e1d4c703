"""The farm's search attributes on a Temporal that has never heard of them, and on one that won't."""

import shutil
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from contracts.search_attributes import ALL
from ops.errors import FarmError
from ops.places import ROOT
from ops.search_attributes import complaint, register


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A server as it is installed."""
    temporal = shutil.which("temporal", path=str(ROOT / ".venv/bin"))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=temporal) as local:
        yield local.client


class Watched:
    """A server that knows nothing, and answers each attempt at adding something with an error."""

    namespace = "theirs"
    service_client = SimpleNamespace(config=SimpleNamespace(target_host="temporal.example:7233"))

    def __init__(self, status: RPCStatusCode, *, knows_them: bool = False) -> None:
        self.status = status
        self.knows_them = knows_them
        self.operator_service = self

    async def count_workflows(self, query: str) -> None:
        if not self.knows_them:
            raise RPCError("invalid search attribute: AgentName", RPCStatusCode.INVALID_ARGUMENT, b"")

    async def add_search_attributes(self, request: Any) -> None:
        raise RPCError("not yours to add", self.status, b"")


async def test_unknown_ones_are_added_and_can_be_used(client: Client) -> None:
    """A server that didn't know them takes a query by all of them when `register` returns."""
    assert await complaint(client)
    await register(client)
    assert await complaint(client) == ""


async def test_again_changes_nothing(client: Client) -> None:
    """Where they are known it is enough to be allowed to read."""
    await register(client)
    await register(Watched(RPCStatusCode.PERMISSION_DENIED, knows_them=True))


async def test_refusal_says_what_to_do() -> None:
    """Without permission the error has the server's words, and a command for each attribute with its type."""
    with pytest.raises(FarmError, match="not yours to add") as error:
        await register(Watched(RPCStatusCode.PERMISSION_DENIED))
    commands = [line for line in str(error.value).splitlines() if "search-attribute create" in line]
    assert len(commands) == len(ALL)
    assert "--namespace theirs --address temporal.example:7233 --name CostUsd --type Double" in str(error.value)


async def test_other_type_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has them, and still doesn't take the query, is named with its own words."""
    monkeypatch.setattr("ops.search_attributes.KNOWN_WITHIN", 0.1)
    with pytest.raises(FarmError, match="invalid search attribute: AgentName"):
        await register(Watched(RPCStatusCode.ALREADY_EXISTS))
