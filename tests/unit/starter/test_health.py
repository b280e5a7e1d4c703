import pytest

from tests.unit.starter.conftest import House


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_it_is_ready_when_temporal_and_the_store_answer(house: House, path: str) -> None:
    """200, with each part by name."""
    async with house.client() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "parts": {"temporal": "ok", "store": "ok"}},
    )


async def test_a_part_that_is_away_is_named(house: House) -> None:
    """503 says which part is missing, and nothing of why: that is in the log."""
    house.temporal.away = RuntimeError("Failed client connect")
    async with house.client() as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]) == (503, {"temporal": "away", "store": "ok"})


async def test_it_is_alive_with_everything_else_away(house: House) -> None:
    """Restarting the starter would bring none of them back."""
    house.temporal.away = house.door.away = OSError("away")
    async with house.client() as client:
        assert (await client.get("/livez")).status_code == 200
