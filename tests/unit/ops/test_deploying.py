"""What is left after a promotion, as Temporal's list tells it: which lags behind."""

from collections.abc import Iterator

import pytest
from temporalio.client import Client

from ops import deploying

EVERY, ENTITIES = "every", "entities"


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Iterator[int]]:
    """What the list says at each look, by query."""
    says: dict[str, Iterator[int]] = {}

    async def count(client: Client, query: str) -> int:
        del client
        return next(says[query])

    monkeypatch.setattr(deploying, "count", count)
    monkeypatch.setattr(deploying, "SHOWN_WITHIN_S", 0.4)
    return says


@pytest.fixture
async def client() -> Client:
    """Of a server that nobody asks."""
    return await Client.connect("127.0.0.1:1", lazy=True)


async def test_a_run_that_has_just_ended_is_not_left(listed: dict[str, Iterator[int]], client: Client) -> None:
    """At the first look the list still has it, and with it an entity that seems to wait for it."""
    listed.update({ENTITIES: iter([1, 0]), EVERY: iter([2, 0])})
    assert await deploying._settled(client, EVERY, ENTITIES) == (0, 0)


async def test_an_entity_that_waits_for_its_run_is_left(listed: dict[str, Iterator[int]], client: Client) -> None:
    """It goes over when the run ends, so nobody waits here until then: a few looks, and not ten seconds of them."""
    listed.update({ENTITIES: iter([1] * 5), EVERY: iter([2] * 5)})
    assert await deploying._settled(client, EVERY, ENTITIES) == (1, 1)
