import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.slack.app import build
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.settings import Settings
from tests.serving import served

TOKEN, SECRET = "xoxb-test", "test-signing-secret"


def settings(db: Path, interactions_url: str = "") -> Settings:
    return Settings.model_construct(
        host="127.0.0.1", port=0, db=db, bot_token=TOKEN, signing_secret=SECRET, interactions_url=interactions_url
    )


@dataclass
class App:
    """The app at the other end: keeps what it is sent, checks signatures as an app must, replies as told."""

    reply: dict[str, Any] | None = None
    status: int = 200
    on_interaction: Callable[[dict[str, Any]], None] | None = None
    payloads: list[dict[str, Any]] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        if not SignatureVerifier(SECRET).is_valid_request(body, dict(request.headers)):
            return Response(status_code=401)
        payload = json.loads(parse_qs(body.decode())["payload"][0])
        self.payloads.append(payload)
        if self.on_interaction:
            self.on_interaction(payload)
        return JSONResponse(self.reply, self.status) if self.reply else Response(status_code=self.status)


@dataclass
class Stage:
    """The two servers that stand for the whole session, and the app that plays in this test."""

    slack: Starlette
    slack_url: str
    app_url: str
    app: App


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    async def to_current_app(request: Request) -> Response:
        return await stages[0].app.receive(request)

    stages: list[Stage] = []

    slack = build(settings(tmp_path_factory.mktemp("slack") / "unused.db"))
    listener = Starlette(routes=[Route("/slack", to_current_app, methods=["POST"])])
    with served(listener) as app_url, served(slack) as slack_url:
        stages.append(Stage(slack, slack_url, app_url, App()))
        yield stages[0]


@pytest.fixture
def app(stage: Stage) -> App:
    stage.app = App()
    return stage.app


@pytest.fixture
def slack_url(stage: Stage, app: App, tmp_path: Path) -> str:
    """The sandbox with an empty workspace, wired to `app`."""
    stage.slack.state.sandbox = Sandbox(settings(tmp_path / "slack.db", f"{stage.app_url}/slack"))
    return stage.slack_url


@pytest.fixture
def client(slack_url: str) -> AsyncWebClient:
    return AsyncWebClient(token=TOKEN, base_url=f"{slack_url}/api/", retry_handlers=[])


@pytest.fixture
async def person(slack_url: str) -> Any:
    """A browser or a demo: the sandbox's own routes."""
    async with httpx.AsyncClient(base_url=slack_url) as http:
        yield http
