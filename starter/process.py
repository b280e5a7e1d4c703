"""The starter's process: the only place in it that opens anything."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin
from temporalio.envconfig import ClientConfig

import store.inbox
import store.own_writes
import store.quarantine
import store.receipts
from contracts.converter import data_converter
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
from starter.page.access import terms
from starter.page.approvals import ApprovalPages
from starter.page.routes import Page
from starter.page.runs import Elsewhere, RunPages
from starter.people import People
from starter.refused_decisions import RefusedBook
from starter.schema import Schema
from starter.settings import Settings, plain
from starter.slack.clicks import SlackInteractions
from starter.slack.doors import SlackEvents
from starter.slack.editors import Editors
from starter.slack.patience import DECIDING, TEMPORAL
from starter.slack.telling import Telling, patient_client
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
from store.receipts import Receipts
from store.refused_decisions import RefusedDecisions
from store.runs import Runs
from store.story import runs_matching, story
from store.tool_schemas import ToolSchemas
from store.transcripts import Transcripts
from telemetry.setup import telemetry
from workflows.registry import AGENTS

log = logging.getLogger(__name__)

PERSONS_PATIENCE = timedelta(seconds=8)
"""How long a run may take to answer a decision on the page: nobody but the person waits for it."""

EMBEDDED_TEMPORAL = "127.0.0.1:7233"


def app(settings: Settings, draining: Draining) -> Starlette:
    """The process as an ASGI app: its parts are open for as long as its lifespan."""

    @asynccontextmanager
    async def lifespan(outer: Starlette) -> AsyncIterator[None]:
        async with opened(settings, draining) as parts:
            outer.mount("/", assemble(parts))
            yield

    return Starlette(lifespan=lifespan)


@asynccontextmanager
async def opened(settings: Settings, draining: Draining) -> AsyncIterator[Parts]:
    """Everything real. Temporal, the store and the CRM may come later: `/readyz` tells what is away."""
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry("starter", settings.otlp_endpoint))
        temporal = await _temporal()
        db = Database(settings.store_url)
        stack.push_async_callback(db.close)
        schema = Schema(db.migrate)
        stack.callback((await schema.begin()).cancel)
        crm = await stack.enter_async_context(httpx.AsyncClient(base_url=settings.pipedrive_api_url))
        parts = _parts(settings, temporal, db, crm, schema=schema, draining=draining)
        stack.push_async_callback(parts.drainer.stop, asyncio.create_task(parts.drainer.run()))
        yield parts


async def _temporal() -> Client:
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", EMBEDDED_TEMPORAL)
    # Lazy: the door opens before Temporal does, and what comes until then waits on disk.
    return await Client.connect(**config, lazy=True, data_converter=data_converter, plugins=[OpenTelemetryPlugin()])


def _parts(
    settings: Settings, temporal: Client, db: Database, crm: httpx.AsyncClient, *, schema: Schema, draining: Draining
) -> Parts:
    delivery, inbox, quarantine, sources = Delivery(temporal), Inbox(db), Quarantine(db), catalogue()
    own_writes, backlog, measures = OwnWrites(db), Backlog(), Measures((*sources, "slack"))
    sweeps = (
        (inbox.sweep, store.inbox.KEPT),
        (Receipts(db).sweep, store.receipts.KEPT),
        (quarantine.sweep, store.quarantine.KEPT),
        (own_writes.sweep, store.own_writes.KEPT),
    )
    drainer = Drainer(inbox, delivery, AGENTS, sweeps, backlog)
    room = Room(inbox.waiting, settings.inbox_most_rows, db.folder, settings.disk_free_mb)
    slack = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=2, retry_handlers=[]
    )
    records = Records(inbox, quarantine, DoorBook(Door(db)), backlog)
    authors = Authors(OwnUser(crm, settings.pipedrive_api_token.get_secret_value()), own_writes, measures)
    taking = Taking(AGENTS, authors, Intake(delivery, records, room, drainer.wake), sources)
    hurried = Intake(HurriedDelivery(temporal, TEMPORAL, delivery), records, room, drainer.wake)
    signing, rate = plain(settings.slack_signing_secrets), settings.rate_per_s
    people = People(AGENTS)
    to_one = Telling(patient_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))
    return Parts(
        gate=Gate(measures, settings.in_flight),
        webhooks=webhooks(sources, settings.keyring(), taking, rate),
        slack_events=SlackEvents(
            signing,
            Taking(AGENTS, authors, hurried, sources),
            Waiting(Approvals(db), people, settings.public_url),
            to_one,
            Rate(rate),
        ),
        slack=SlackInteractions(
            signing,
            Decisions(temporal, DECIDING),
            Editors(Approvals(db), ToolSchemas(db), people),
            refused=RefusedBook(RefusedDecisions(db)),
            slack=slack,
            to_one=to_one,
            rate=Rate(rate),
        ),
        page=_page(settings, temporal, db, people),
        health=Health(
            lambda: temporal.service_client.check_health(timeout=timedelta(seconds=2)),
            inbox.waiting,
            room,
            draining,
            lambda: schema.is_current,
        ),
        metrics=Metrics(measures, inbox.waiting, quarantine.waiting),
        draining=draining,
        drainer=drainer,
    )


def _page(settings: Settings, temporal: Client, db: Database, people: People) -> Page:
    return Page(
        terms=terms(settings),
        approvals=ApprovalPages(
            approvals=Approvals(db),
            schemas=ToolSchemas(db),
            decisions=Decisions(temporal, PERSONS_PATIENCE),
            people=people,
            refused=RefusedBook(RefusedDecisions(db)),
            agents=AGENTS,
        ),
        runs=RunPages(
            story=lambda run: story(db, run),
            named=lambda name: runs_matching(db, name),
            newest=lambda: Runs(db).latest(limit=50),
            conversation=Transcripts(db).read_whole,
            elsewhere=Elsewhere(settings.temporal_ui_url, temporal.namespace, settings.traces_url),
        ),
    )
