"""Who comes in, for how long, and where the page is off."""

import httpx
import pytest
from itsdangerous import TimestampSigner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from starter.app import assemble
from starter.page import session
from starter.page.access import Closed, Provider, Terms
from tests.serving import served
from tests.unit.starter.conftest import House
from tests.unit.starter.page.asked import OURS, reading, token_in


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.7:8080", "localhost.evil.example"])
async def test_without_a_sign_in_only_this_machine_is_served(house: House, host: str) -> None:
    """A stranger's name that leads here is refused: a page of theirs in the same browser could read ours."""
    async with reading(house, "", f"http://{host}") as nobody:
        assert (await nobody.http.get("/sign-in")).status_code == 403
        assert (await nobody.http.get("/approvals")).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
async def test_this_machine_is_served_by_each_of_its_names(house: House, host: str) -> None:
    """Whichever port."""
    async with reading(house, "", f"http://{host}") as nobody:
        assert (await nobody.http.get("/sign-in")).status_code == 200


async def test_without_a_sign_in_nothing_comes_through_a_proxy(house: House) -> None:
    """Whoever stands behind it isn't on this machine."""
    async with reading(house, "") as nobody:
        assert (await nobody.http.get("/sign-in", headers={"x-forwarded-for": "192.0.2.7"})).status_code == 403


async def test_the_page_is_behind_the_gate(house: House) -> None:
    """What it shows and what it refuses is counted, and a flood of readers takes no place of anybody else."""
    async with reading(house, "") as nobody:
        await nobody.http.get("/sign-in")
        await nobody.http.get("/sign-in", headers={"x-forwarded-for": "192.0.2.7"})
        told = (await nobody.http.get("/metrics")).text
    assert 'farm_intake_requests_total{outcome="accepted",source="page",status="200"} 1.0' in told
    assert 'farm_intake_requests_total{outcome="refused",source="page",status="403"} 1.0' in told


@pytest.mark.parametrize("name", ["", "   ", "<b>", "x" * 101])
async def test_a_name_is_a_name(house: House, name: str) -> None:
    """It is recorded with each decision."""
    async with reading(house, "") as nobody:
        token = token_in((await nobody.http.get("/sign-in")).text)
        answer = await nobody.http.post("/sign-in", data={"token": token, "name": name}, headers=OURS)
    assert answer.status_code == 422


async def test_nobody_is_signed_in_by_another_site(house: House) -> None:
    """They would decide under a name that isn't theirs."""
    async with reading(house, "") as nobody:
        token = token_in((await nobody.http.get("/sign-in")).text)
        for form, headers in (({}, OURS), ({"token": token}, {"origin": "http://evil.example"})):
            answer = await nobody.http.post("/sign-in", data={"name": "mallory"} | form, headers=headers)
            assert answer.status_code == 403


async def test_where_one_is_sent_back_to_is_ours(house: House) -> None:
    """An address within this page, whatever stands in it."""
    async with reading(house, "") as nobody:
        await nobody.http.get("/runs//evil.example")
        token = token_in((await nobody.http.get("/sign-in")).text)
        answer = await nobody.http.post("/sign-in", data={"token": token, "name": "claire"}, headers=OURS)
    assert answer.headers["location"] == "/runs//evil.example"


async def test_signing_out_ends_it(house: House) -> None:
    """And takes a form of ours, so that no other page does it."""
    async with reading(house) as claire:
        assert (await claire.http.post("/sign-out", headers=OURS)).status_code == 403
        token = token_in((await claire.http.get("/approvals")).text)
        assert (await claire.http.post("/sign-out", data={"token": token}, headers=OURS)).status_code == 303
        assert (await claire.http.get("/approvals")).headers["location"] == "/sign-in"


@pytest.mark.parametrize("limit", ["IDLE_S", "LONGEST_S"])
async def test_a_session_ends_by_the_servers_clock(house: House, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """Nobody came for too long, or it began too long ago."""
    async with reading(house) as claire:
        assert (await claire.http.get("/approvals")).status_code == 200
        monkeypatch.setattr(session, limit, -1)
        assert (await claire.http.get("/approvals")).headers["location"] == "/sign-in"


async def test_the_cookie_is_kept_from_scripts_and_other_sites(house: House) -> None:
    """Over HTTPS it is sent by nothing else, and is this host's alone."""
    house.terms = Terms("https://farm.example", ("page-secret",))
    async with reading(house, "") as nobody:
        cookie = (await nobody.http.get("/sign-in")).headers["set-cookie"].lower()
    assert cookie.startswith("__host-farm=")
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_a_secret_can_be_changed_under_a_session(house: House) -> None:
    """The old one is still known, the new one signs; once the old one is gone so is the session."""
    async with reading(house) as claire:
        cookies = dict(claire.http.cookies)
    for secrets, status in ((("new", "page-secret"), 200), (("new",), 303)):
        house.terms = Terms("http://localhost", secrets)
        transport = httpx.ASGITransport(assemble(house.parts()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as http:
            answer = await http.get("/approvals")
        assert answer.status_code == status
        if status == 200:
            signed = answer.headers["set-cookie"].split(";")[0].partition("=")[2]
            assert TimestampSigner("new").validate(signed)


async def test_a_cookie_of_ones_own_making_is_worth_nothing(house: House) -> None:
    """It must be signed."""
    forged = TimestampSigner("guessed").sign(b"eyJieSI6ICJjbGFpcmUifQ==").decode()
    async with reading(house, "") as nobody:
        nobody.http.cookies.set("farm", forged)
        assert (await nobody.http.get("/approvals")).headers["location"] == "/sign-in"


async def test_a_page_that_is_off_says_why_and_the_rest_goes_on(house: House) -> None:
    """Webhooks matter more."""
    house.terms = Closed("FARM_HOST is 0.0.0.0")
    async with reading(house, "") as nobody:
        answer = await nobody.http.get("/approvals")
        assert (answer.status_code, "FARM_HOST is 0.0.0.0" in answer.text) == (404, True)
        assert (await nobody.http.post("/approvals/a1/decide")).status_code == 404
        assert (await nobody.http.get("/healthz")).status_code == 200


async def test_a_provider_that_calls_itself_otherwise_is_not_asked(house: House) -> None:
    """Whoever answers at its address could else let another one say who people are."""

    async def description(_: Request) -> JSONResponse:
        its = {"issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/auth"}
        return JSONResponse(its)

    with served(Starlette(routes=[Route("/.well-known/openid-configuration", description)])) as issuer:
        house.terms = Terms("http://localhost", ("page-secret",), Provider(issuer, "farm", "secret"))
        async with reading(house, "") as nobody:
            answer = await nobody.http.get("/sign-in")
    assert (answer.status_code, answer.headers.get("location")) == (503, None)
