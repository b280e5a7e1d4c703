"""The API's description is of this API: the fuzzing tests hold its answers against it."""

from starlette.routing import Route

from starter.app import assemble
from tests.unit.starter.conftest import House


async def test_every_route_is_told_and_nothing_else(house: House) -> None:
    """Path by path, method by method."""
    app = assemble(house.parts())
    async with house.client() as client:
        answer = await client.get("/openapi.json")
    told = {(path, method.upper()) for path, its in answer.json()["paths"].items() for method in its}
    # The page's routes are for people, and say so.
    ours = [each for each in app.routes if isinstance(each, Route) and each.include_in_schema]
    there = {(each.path, method) for each in ours for method in each.methods or ()}
    assert told == {(path, method) for path, method in there if method != "HEAD"}


async def test_it_says_when_to_come_again(house: House) -> None:
    """Wherever a sender is asked to."""
    async with house.client() as client:
        told = (await client.get("/openapi.json")).json()
    for path, its in told["paths"].items():
        for status in {"429", "503"} & its.get("post", {"responses": {}})["responses"].keys():
            assert "Retry-After" in its["post"]["responses"][status]["headers"], path
