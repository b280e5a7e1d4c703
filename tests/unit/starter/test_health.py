from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.unit.starter.conftest import House
from tests.unit.starter.payloads import deal_change

AWAY = RuntimeError("Failed client connect")
CLOSED = OperationalError("select", {}, Exception("closed"))


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_it_is_ready_when_temporal_and_the_store_answer(house: House, path: str) -> None:
    """200, with each part by name."""
    async with house.client() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "ok",
            "parts": {"temporal": "ok", "store": "ok"},
            "inbox": {"waiting": 0, "oldest_s": 0},
        },
    )


async def test_without_temporal_it_is_ready_and_spools(house: House) -> None:
    """Events are accepted, so a balancer may send them; what is missing is named, and nothing of why."""
    house.temporal.away = AWAY
    async with house.client() as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "spooling")
    assert answer.json()["parts"] == {"temporal": "away", "store": "ok"}


async def test_it_spools_until_the_last_event_is_delivered(house: House) -> None:
    """Temporal is back, and something waits still."""
    house.temporal.away = AWAY
    await house.webhook(deal_change())
    house.temporal.away = None
    async with house.client() as client:
        answer = (await client.get("/healthz")).json()
    assert (answer["status"], answer["parts"]["temporal"], answer["inbox"]["waiting"]) == ("spooling", "ok", 1)


async def test_without_the_store_it_is_ready_and_says_that_nothing_is_written_down(house: House) -> None:
    """Temporal takes events; their record is missing."""
    house.door.away = CLOSED
    async with house.client() as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "unrecorded")


async def test_a_store_that_is_not_migrated_yet_is_said_to_be(house: House) -> None:
    """It answers, and nothing is written to it; with Temporal away as well nothing is accepted."""
    house.is_migrated = False
    async with house.client() as client:
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "unrecorded")
        assert answer.json()["parts"] == {"temporal": "ok", "store": "not migrated"}
        house.temporal.away = AWAY
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "not ready")


async def test_where_nothing_can_be_accepted_it_is_not_ready(house: House) -> None:
    """Both away: 503."""
    house.temporal.away, house.door.away = AWAY, CLOSED
    async with house.client() as client:
        answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")


async def test_a_full_disk_with_temporal_away_is_not_ready(house: House, tmp_path: Path) -> None:
    """There is a store, and no room in it."""
    house.temporal.away, house.folder, house.free_mb = AWAY, tmp_path, 10**9
    async with house.client() as client:
        assert (await client.get("/healthz")).status_code == 503


async def test_while_it_drains_it_is_well_and_not_ready(house: House) -> None:
    """A balancer looks elsewhere, and each answer closes its connection; nobody restarts it."""
    house.draining.begun = True
    async with house.client() as client:
        ready, health = await client.get("/readyz"), await client.get("/healthz")
    assert (ready.status_code, ready.json()["status"], ready.headers["connection"]) == (503, "draining", "close")
    assert (health.status_code, health.json()["status"]) == (200, "ok")


async def test_it_is_alive_with_everything_else_away(house: House) -> None:
    """Restarting the starter would bring none of them back."""
    house.temporal.away = house.door.away = OSError("away")
    async with house.client() as client:
        assert (await client.get("/livez")).status_code == 200
