"""The parts of one running sandbox, put together once."""

from collections import defaultdict

import httpx

from sandbox.slack.delivery import Deliveries
from sandbox.slack.faults import Faults
from sandbox.slack.settings import Settings
from sandbox.slack.triggers import Triggers
from sandbox.slack.workspace import Workspace


class Sandbox:
    def __init__(self, settings: Settings) -> None:
        settings.db.parent.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.workspace = Workspace(settings.db)
        self.triggers = Triggers()
        self.faults = Faults()
        self.http = httpx.AsyncClient()
        self.deliveries = Deliveries(self.http, settings.interactions_url, settings.signing_secret)
        self.response_urls: dict[str, tuple[str, str, str]] = {}
        """Secret part of a response_url -> channel, ts, user it belongs to."""

        self.notices: dict[str, str] = {}
        """What a person is told at the top of the page, by user id."""

        self.view_faults: dict[str, dict[str, str]] = defaultdict(dict)
        """Errors shown in an open modal, by view id and block id."""

    async def close(self) -> None:
        await self.http.aclose()
        self.workspace.close()
