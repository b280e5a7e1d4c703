from collections.abc import Iterator
from pathlib import Path

import pytest
from fastmcp import Client
from starlette.applications import Starlette

from contracts.names import META_EFFECT_KEY
from sandbox.slack.app import build as build_sandbox
from sandbox.slack.faults import Fault
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.settings import Settings
from tests.serving import served
from tool_servers.slack.server import build
from tool_servers.slack.web_api import WebApi, web_client

TOKEN = "xoxb-test"


class Slack:
    """The tool server's Slack, as a test sees it: what was said, and what shall go wrong."""

    def __init__(self, sandbox: Sandbox, url: str):
        self._sandbox = sandbox
        self.url = url

    def said(self) -> list[str]:
        roots = self._sandbox.workspace.roots("C0SALES")
        return [
            said["text"] for root in roots for said in (root, *self._sandbox.workspace.replies("C0SALES", root["ts"]))
        ]

    def in_the_channel(self) -> list[dict]:
        return self._sandbox.workspace.roots("C0SALES")

    def fails(self, mode: str, **how) -> None:
        self._sandbox.faults.set(Fault(mode=mode, **how))


def settings(db: Path) -> Settings:
    return Settings.model_construct(
        host="127.0.0.1", port=0, db=db, bot_token=TOKEN, signing_secret="s", interactions_url=""
    )


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory) -> Iterator[tuple[Starlette, str]]:
    app = build_sandbox(settings(tmp_path_factory.mktemp("slack") / "unused.db"))
    with served(app) as url:
        yield app, url


@pytest.fixture
def slack(sandbox_server, tmp_path) -> Slack:
    app, url = sandbox_server
    app.state.sandbox = Sandbox(settings(tmp_path / "slack.db"))
    return Slack(app.state.sandbox, url)


@pytest.fixture
def connect(slack, ledger):
    """A client of the tool server, by default with the right token."""

    def to(token=TOKEN, url=None, timeout=10):
        client = web_client(token, f"{url or slack.url}/api/")
        client.timeout = timeout
        return Client(build(WebApi(client), ledger))

    return to


@pytest.fixture
async def tools(connect):
    async with connect() as client:
        yield client


@pytest.fixture
def call(tools):
    """Call a tool, with an effect key where one is given."""

    async def by(tool, key="", **arguments):
        meta = {META_EFFECT_KEY: key} if key else None
        return (await tools.call_tool(tool, arguments, meta=meta)).structured_content

    return by
