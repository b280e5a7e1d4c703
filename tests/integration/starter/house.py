"""The starter's own app over a real client and a real store, spoken to over HTTP; its drainer runs beside it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
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
from starter.intake.delivery import Delivery
from starter.intake.door_book import DoorBook
from starter.intake.drainer import Drainer
from starter.intake.room import Room
from starter.intake.taking import Taking
from starter.limits import Rate
from starter.metrics import Measures, Metrics
from starter.page.access import Terms
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
from starter.sources.catalogue import catalogue
from starter.sources.own_user import OwnUser
from starter.webhooks import webhooks
from store.approvals import Approvals
from store.database import Database
from store.door import Door
from store.inbox import Inbox
from store.own_writes import OwnWrites
from store.quarantine import Quarantine
from store.refused_decisions import RefusedDecisions
from store.runs import Runs
from store.story import runs_matching, story
from store.tool_schemas import ToolSchemas
from store.transcripts import Transcripts
from tests.unit.starter.payloads import META, deal_change

TOY = AgentSpec(
    name="toy",
    entity_workflow="ToyDeal",
    run_workflow="ToyRun",
    listens=(Subscription(source="pipedrive", kinds=("deal.*",), entity="deal"),),
    tool_servers=(),
)


@dataclass
class House:
    """One starter."""

    http: httpx.AsyncClient
    parts: Parts
    db: Database

    async def post(self, payload: Any) -> httpx.Response:
        return await self.http.post("/webhooks/pipedrive", json=payload)

    @asynccontextmanager
    async def draining(self) -> AsyncIterator[None]:
        """With the drainer at work."""
        running = asyncio.create_task(self.parts.drainer.run())
        yield
        await self.parts.drainer.stop(running)

    async def emptied(self, to: int = 0) -> None:
        """Once the spool has no more than so many rows."""
        async with asyncio.timeout(20):
            while (await Inbox(self.db).waiting()).rows > to:  # noqa: ASYNC110  the drainer has no event to wait for
                await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Line:
    """The starter's line to a Slack; by default to none."""

    secrets: tuple[str, ...] = ()
    in_a_hurry: AsyncWebClient = field(default_factory=AsyncWebClient)
    patient: AsyncWebClient = field(default_factory=AsyncWebClient)


@asynccontextmanager
async def house(
    temporal: Client,
    db: Database,
    agents: Sequence[AgentSpec] = (TOY,),
    crm_url: str = "",
    token: str = "",
    *,
    slack: Line | None = None,
) -> AsyncIterator[House]:
    """Without a token the CRM is not asked who we are."""
    async with httpx.AsyncClient(base_url=crm_url) as crm:
        parts = _parts(temporal, db, OwnUser(crm, token), agents, slack or Line())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(assemble(parts)),
            base_url="http://starter",
            auth=("pipedrive", "secret"),
            timeout=30,
        ) as http:
            yield House(http, parts, db)


def _parts(temporal: Client, db: Database, own_user: OwnUser, agents: Sequence[AgentSpec], slack: Line) -> Parts:
    delivery, inbox, quarantine, sources = Delivery(temporal), Inbox(db), Quarantine(db), catalogue()
    measures = Measures((*sources, "slack"))
    drainer, draining = Drainer(inbox, delivery, agents), Draining()
    room = Room(inbox.waiting, 0)
    records = Records(inbox, quarantine, DoorBook(Door(db)))
    authors = Authors(own_user, OwnWrites(db), measures)
    taking = Taking(agents, authors, Intake(delivery, records, room, drainer.wake), sources)
    people, to_one = People(agents), Telling(slack.patient)
    return Parts(
        gate=Gate(measures, 0),
        webhooks=webhooks(sources, {"pipedrive": ("pipedrive:secret",)}, taking, 0),
        slack_events=SlackEvents(
            slack.secrets, taking, Waiting(Approvals(db), people), Telling(slack.patient), Rate(0)
        ),
        slack=SlackInteractions(
            slack.secrets,
            Decisions(temporal),
            Editors(Approvals(db), ToolSchemas(db), people),
            refused=RefusedBook(RefusedDecisions(db)),
            slack=slack.in_a_hurry,
            to_one=to_one,
            rate=Rate(0),
        ),
        page=_page(temporal, db, people, agents),
        health=Health(temporal.service_client.check_health, inbox.waiting, room, draining),
        metrics=Metrics(measures, inbox.waiting, quarantine.waiting),
        draining=draining,
        drainer=drainer,
    )


def _page(temporal: Client, db: Database, people: People, agents: Sequence[AgentSpec]) -> Page:
    return Page(
        Terms("http://localhost", ("page-secret",)),
        ApprovalPages(
            approvals=Approvals(db),
            schemas=ToolSchemas(db),
            decisions=Decisions(temporal),
            people=people,
            refused=RefusedBook(RefusedDecisions(db)),
            agents=agents,
        ),
        RunPages(
            lambda run: story(db, run),
            lambda name: runs_matching(db, name),
            Runs(db).latest,
            Transcripts(db).read_whole,
            Elsewhere(),
        ),
    )


def burst(deal: str, count: int) -> list[dict[str, Any]]:
    """So many changes of one deal, each an event of its own."""
    return [deal_change() | {"meta": META | {"entity_id": deal, "id": f"{deal}-{n}"}} for n in range(count)]
