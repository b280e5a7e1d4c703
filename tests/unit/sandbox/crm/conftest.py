import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from sandbox.crm.app import build_app
from sandbox.crm.crm import Crm
from sandbox.crm.delivery import Postman
from sandbox.crm.records import Records
from sandbox.crm.seed import seed
from sandbox.crm.webhooks import Subscription, subscribe

CLAIRE = {"x-api-token": "sandbox-token-claire"}
AGENT = {"x-api-token": "sandbox-agent-token"}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.time = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Receiver:
    """The other end of a webhook: answers by its script, then 200; remembers what came."""

    def __init__(self, *script: int):
        self.script = list(script)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.news = asyncio.Event()

    async def __call__(self, scope, receive, send):
        request = Request(scope, receive)
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        self.news.set()
        await Response(status_code=self.script.pop(0) if self.script else 200)(scope, receive, send)

    async def got(self, number: int) -> list[dict[str, Any]]:
        """The bodies, once there are `number` of them."""
        async with asyncio.timeout(5):
            while len(self.bodies) < number:
                self.news.clear()
                await self.news.wait()
        return self.bodies


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crm(clock) -> Crm:
    crm = Crm(Records(":memory:"), clock)
    seed(crm)
    return crm


@pytest.fixture
def app(crm):
    return build_app(crm)


@pytest.fixture
async def api(app) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP door, called by Claire unless a test says otherwise."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://crm", headers=CLAIRE) as client:
        yield client


@pytest.fixture
def everything(crm) -> None:
    """A webhook for every event."""
    wanted = Subscription(
        subscription_url="http://farm/hook",
        event_action="*",
        event_object="*",
        http_auth_user="u",
        http_auth_password="p",
    )
    subscribe(crm, wanted, 11)


@pytest.fixture
def post():
    """Runs a postman to a receiver for the time of a test."""
    tasks = []

    def start(crm: Crm, receiver: Receiver, retries=(0.01, 0.01, 0.01)) -> None:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(receiver))
        tasks.append(asyncio.get_running_loop().create_task(Postman(crm, http, retries).run()))

    yield start
    for task in tasks:
        task.cancel()
