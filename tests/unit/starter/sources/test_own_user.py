import asyncio

import httpx
import pytest

from starter.sources.own_user import PAUSE, OwnUser, OwnUserUnknownError


class Crm:
    """Answers `GET /v1/users/me` from a script of statuses, and counts the questions."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status = self.statuses.pop(0)
        return httpx.Response(status, json={"success": status == 200, "data": {"id": 90, "name": "Farmstead Agent"}})


def own_user(crm: Crm, token: str = "token", pause: float = PAUSE) -> OwnUser:
    client = httpx.AsyncClient(base_url="http://crm", transport=httpx.MockTransport(crm))
    return OwnUser(client, token, pause)


async def test_the_crm_is_asked_once() -> None:
    """What the token's user is doesn't change while we run."""
    crm = Crm(200)
    own = own_user(crm)
    assert await own.actors() == await own.actors() == {"pipedrive:user:90"}
    assert crm.asked[0].url.path == "/v1/users/me"
    assert crm.asked[0].headers["x-api-token"] == "token"


async def test_many_at_once_wait_for_one_question() -> None:
    """A burst of webhooks right after the start is one question to the CRM."""
    crm = Crm(200)
    own = own_user(crm)
    assert set(await asyncio.gather(*(own.actors() for _ in range(10)))) == {frozenset({"pipedrive:user:90"})}
    assert len(crm.asked) == 1


async def test_after_a_failure_it_asks_again() -> None:
    """A CRM that was away at the start is no reason to stay ignorant."""
    own = own_user(Crm(503, 200), pause=0)
    with pytest.raises(OwnUserUnknownError, match="503"):
        await own.actors()
    assert await own.actors() == {"pipedrive:user:90"}


async def test_right_after_a_failure_it_is_not_asked() -> None:
    """Each event would wait for a CRM that is away."""
    crm = Crm(503)
    own = own_user(crm)
    for _ in range(3):
        with pytest.raises(OwnUserUnknownError, match="503"):
            await own.actors()
    assert len(crm.asked) == 1


async def test_without_a_token_there_is_nobody_to_know() -> None:
    """Nothing writes to the CRM from here, so nothing is asked."""
    crm = Crm()
    assert await own_user(crm, token="").actors() == frozenset()
