import base64
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from temporalio.client import Client

from contracts.agents import AgentSpec, Subscription
from starter.app import Parts, assemble
from starter.decisions import Decisions
from starter.draining import Draining
from starter.gate import Gate
from starter.health import Health
from starter.intake.accepting import Intake, Records
from starter.intake.authors import Authors
from starter.intake.backlog import Backlog
from starter.intake.delivery import Delivery, HurriedDelivery
from starter.intake.door_book import DoorBook
from starter.intake.drainer import Drainer
from starter.intake.room import Room
from starter.intake.taking import Taking
from starter.limits import Rate
from starter.metrics import Measures, Metrics
from starter.page.access import Closed, Terms
from starter.page.approvals import ApprovalPages
from starter.page.routes import Page
from starter.page.runs import Elsewhere, RunPages
from starter.people import People
from starter.refused_decisions import RefusedBook
from starter.slack.clicks import SlackInteractions
from starter.slack.doors import SlackEvents
from starter.slack.editors import Editors
from starter.slack.telling import Telling
from starter.slack.waiting import Waiting
from starter.sources.catalogue import Catalogue, catalogue
from starter.sources.own_user import OwnUser
from starter.webhooks import webhooks
from tests.unit.starter.fakes import (
    FakeApprovals,
    FakeDoor,
    FakeRecords,
    FakeRefusals,
    FakeSchemas,
    FakeSlack,
    FakeTemporal,
)

PATIENCE = timedelta(milliseconds=200)
SECRET = "slack-signing-secret"
KEYRING = {"pipedrive": ("pipedrive:secret", "pipedrive:older"), "billing": ("new", "old"), "mail": ("post",)}

TOY = AgentSpec(
    name="toy",
    entity_workflow="ToyDeal",
    run_workflow="ToyRun",
    listens=(Subscription(source="pipedrive", kinds=("deal.*", "note.*"), entity="deal"),),
    tool_servers=(),
)


def basic(password: str = "secret") -> str:
    return "Basic " + base64.b64encode(f"pipedrive:{password}".encode()).decode()


@dataclass
class House:
    """The starter, whole, with stand-ins for everything around it."""

    temporal: FakeTemporal = field(default_factory=FakeTemporal)
    door: FakeDoor = field(default_factory=FakeDoor)
    slack: FakeSlack = field(default_factory=FakeSlack)
    approvals: FakeApprovals = field(default_factory=FakeApprovals)
    schemas: FakeSchemas = field(default_factory=FakeSchemas)
    refusals: FakeRefusals = field(default_factory=FakeRefusals)
    agents: tuple[AgentSpec, ...] = (TOY,)
    crm_status: int = 200
    backlog: Backlog = field(default_factory=Backlog)
    is_migrated: bool = True
    sources: Catalogue = field(default_factory=catalogue)
    keyring: dict[str, tuple[str, ...]] = field(default_factory=KEYRING.copy)
    measures: Measures = field(default_factory=lambda: Measures((*catalogue(), "slack")))
    draining: Draining = field(default_factory=Draining)
    delivery: Delivery | None = None
    in_flight: int = 0
    rate_per_s: float = 0
    most_rows: int = 0
    folder: Path | None = None
    free_mb: int = 0
    terms: Terms | Closed = field(default_factory=lambda: Terms("http://localhost", ("page-secret",)))
    records: FakeRecords = field(default_factory=FakeRecords)

    def me(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(self.crm_status, json={"success": True, "data": {"id": 90}})

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(assemble(self.parts()))
        return httpx.AsyncClient(transport=transport, base_url="http://starter")

    def parts(self) -> Parts:
        temporal = cast("Client", self.temporal)
        crm = httpx.AsyncClient(base_url="http://crm", transport=httpx.MockTransport(self.me))
        room = Room(self.door.waiting, self.most_rows, self.folder, self.free_mb)
        records = Records(self.door, self.door, DoorBook(self.door, 0.2), self.backlog)
        delivery = self.delivery or Delivery(temporal, PATIENCE)
        authors = Authors(OwnUser(crm, "token"), self.door, self.measures)
        taking = Taking(self.agents, authors, Intake(delivery, records, room), self.sources)
        in_a_hurry = Intake(HurriedDelivery(temporal, PATIENCE, delivery), records, room)
        hurried = Taking(self.agents, authors, in_a_hurry, self.sources)
        people, slack = People(self.agents), cast("AsyncWebClient", self.slack)
        to_one = Telling(slack)
        return Parts(
            gate=Gate(self.measures, self.in_flight),
            webhooks=webhooks(self.sources, self.keyring, taking, self.rate_per_s),
            slack_events=SlackEvents(
                (SECRET,), hurried, Waiting(self.approvals, people), to_one, Rate(self.rate_per_s)
            ),
            slack=SlackInteractions(
                (SECRET,),
                Decisions(temporal, PATIENCE),
                Editors(self.approvals, self.schemas, people),
                refused=RefusedBook(self.refusals),
                slack=slack,
                to_one=to_one,
                rate=Rate(self.rate_per_s),
            ),
            page=Page(
                self.terms,
                ApprovalPages(
                    approvals=self.approvals,
                    schemas=self.schemas,
                    decisions=Decisions(temporal, PATIENCE),
                    people=people,
                    refused=RefusedBook(self.refusals),
                    agents=self.agents,
                ),
                RunPages(
                    self.records.story, self.records.named, self.records.newest, self.records.conversation, Elsewhere()
                ),
            ),
            health=Health(self.temporal._answer, self.door.waiting, room, self.draining, lambda: self.is_migrated),
            metrics=Metrics(self.measures, self.door.waiting, self.door.quarantined),
            draining=self.draining,
            drainer=cast("Drainer", None),
        )

    async def webhook(self, payload: Any, **headers: str) -> httpx.Response:
        async with self.client() as client:
            return await client.post("/webhooks/pipedrive", json=payload, headers={"authorization": basic()} | headers)


@pytest.fixture
def house() -> House:
    return House()
