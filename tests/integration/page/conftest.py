"""The real starter, a real run on a server that skips time, and a real browser in front of it."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright
from temporalio.testing import WorkflowEnvironment

from contracts.approvals import ApprovalRecord, ApprovalRequest
from starter.draining import Draining
from starter.process import app
from starter.settings import Settings
from store.approvals import Approvals
from store.database import Database
from tests.integration.page.recording import RecordingFarm
from tests.integration.processes import ROOT, environment_python
from tests.station import free_port, on_port
from tests.workflow.conftest import Deal, on_a_deal, temporal, until
from tests.workflow.events import deal_event

__all__ = ["on_a_deal", "temporal"]


@pytest.fixture(scope="session")
def executable() -> str:
    """A Chromium: the machine's, or the one of envs/page."""
    if found := shutil.which("chromium"):
        return found
    python = environment_python("page")
    done = subprocess.run([python, str(ROOT / "envs/page/install.py")], capture_output=True, text=True, check=False)
    if done.returncode:
        refuse = pytest.fail if os.environ.get("FARM_REQUIRE_ENVS") == "1" else pytest.skip
        refuse(f"no browser: {done.stderr[-500:]}")
    return done.stdout.strip()


@pytest.fixture(scope="session")
async def chromium(executable: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable)
        yield browser
        await browser.close()


@dataclass
class Somebody:
    """A person in front of a browser of their own. `troubles`: what the page's console complained of."""

    page: Page
    base: str
    troubles: list[str]

    async def sign_in(self, name: str) -> None:
        await self.page.goto(f"{self.base}/sign-in")
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.get_by_role("heading", name="What waits").wait_for()

    async def open(self, request: ApprovalRequest) -> None:
        await self.page.goto(f"{self.base}/approvals/{request.id}")

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def told(self) -> str:
        """What the page says came of it."""
        return await self.page.locator(".said").inner_text()


@dataclass
class Stage:
    """A deal whose run asks, and the page before it."""

    base: str
    db: Database
    browser: Browser
    deal: Deal
    asked: ApprovalRequest

    @asynccontextmanager
    async def somebody(self, name: str = "", **context: Any) -> AsyncIterator[Somebody]:
        """In a browser of their own: nobody sees another's cookies."""
        own = await self.browser.new_context(**context)
        page = await own.new_page()
        troubles: list[str] = []
        page.on("console", lambda message: _note(troubles, message))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        person = Somebody(page, self.base, troubles)
        if name:
            await person.sign_in(name)
        yield person
        await own.close()

    async def settled(self) -> ApprovalRecord:
        """The question's record, once it is closed."""

        async def closed() -> ApprovalRecord | None:
            record = await Approvals(self.db).get(self.asked.id)
            return record if record and record.status != "pending" else None

        found: ApprovalRecord = await until(closed, "the question stands open")
        return found


def _note(troubles: list[str], message: ConsoleMessage) -> None:
    """A refusal's status is no trouble; whatever else is an error is one."""
    if message.type == "error" and "the server responded with a status of 4" not in message.text:
        troubles.append(message.text)


Staging = Callable[..., Any]


@pytest.fixture
def staged(
    temporal: WorkflowEnvironment,
    on_a_deal: Callable[..., Any],
    chromium: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Staging:
    """A run that asks about one call, the starter in front of it. `settings`: more of its environment."""

    @asynccontextmanager
    async def opened(
        farm: Callable[[Database], RecordingFarm], settings: Callable[[str], dict[str, str]] = lambda _: {}
    ) -> AsyncIterator[Stage]:
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        environment = {
            "FARM_WEBHOOK_PASSWORD": "secret",
            "FARM_HOST": "127.0.0.1",
            "FARM_PORT": str(port),
            "FARM_STORE_URL": f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}",
            "TEMPORAL_ADDRESS": temporal.client.service_client.config.target_host,
        } | settings(base)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        db = Database(environment["FARM_STORE_URL"])
        async with AsyncExitStack() as stack:
            stack.push_async_callback(db.close)
            await db.migrate()
            await stack.enter_async_context(on_port(app(Settings(), Draining()), port))
            deal = await stack.enter_async_context(on_a_deal(farm(db)))
            await deal.tell(deal_event(1, stage_id=4))
            await deal.sleep(seconds=30)
            asked = await deal.asked()
            await until(lambda: Approvals(db).get(asked.id), "the question is on no record")
            yield Stage(base, db, chromium, deal, asked)

    return opened
