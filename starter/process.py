"""The starter's process: the only place in it that opens anything."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin
from temporalio.envconfig import ClientConfig

from contracts.converter import data_converter
from starter.app import Parts, assemble
from starter.basic_auth import Credentials
from starter.decisions import Decisions
from starter.delivery import Delivery
from starter.door_book import DoorBook
from starter.health import Health
from starter.own_user import OwnUser
from starter.settings import Settings
from starter.slack import SlackInteractions
from starter.webhooks import PipedriveWebhooks
from store.approvals import Approvals
from store.database import Database
from store.door import Door
from telemetry.setup import telemetry
from workflows.registry import AGENTS

log = logging.getLogger(__name__)

EMBEDDED_TEMPORAL = "127.0.0.1:7233"


def app(settings: Settings) -> Starlette:
    """The process as an ASGI app: its parts are open for as long as its lifespan."""

    @asynccontextmanager
    async def lifespan(outer: Starlette) -> AsyncIterator[None]:
        async with opened(settings) as parts:
            outer.mount("/", assemble(parts))
            yield

    return Starlette(lifespan=lifespan)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Parts]:
    """Everything real. Temporal, the store and the CRM may come later: `/readyz` tells what is away."""
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry("starter", settings.otlp_endpoint))
        temporal = await _temporal()
        db = Database(settings.store_url)
        stack.push_async_callback(db.close)
        await _migrate(db)
        crm = await stack.enter_async_context(httpx.AsyncClient(base_url=settings.pipedrive_api_url))
        yield _parts(settings, temporal, db, crm)


async def _temporal() -> Client:
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", EMBEDDED_TEMPORAL)
    # Lazy: the door opens before Temporal does, and says 503 until then.
    return await Client.connect(**config, lazy=True, data_converter=data_converter, plugins=[OpenTelemetryPlugin()])


async def _migrate(db: Database) -> None:
    try:
        await db.migrate()
    except (SQLAlchemyError, OSError) as error:
        log.warning("the store is away, events are taken without being written down: %s", type(error).__name__)


def _parts(settings: Settings, temporal: Client, db: Database, crm: httpx.AsyncClient) -> Parts:
    door = Door(db)
    slack = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=2, retry_handlers=[]
    )
    return Parts(
        webhooks=PipedriveWebhooks(
            Credentials(settings.webhook_username, _plain(settings.webhook_passwords)),
            AGENTS,
            OwnUser(crm, settings.pipedrive_api_token.get_secret_value()),
            Delivery(temporal),
            DoorBook(door),
        ),
        slack=SlackInteractions(_plain(settings.slack_signing_secrets), Decisions(temporal), Approvals(db), slack),
        health=Health(
            {
                "temporal": lambda: temporal.service_client.check_health(timeout=timedelta(seconds=2)),
                "store": lambda: door.accepted("", ""),
            }
        ),
    )


def _plain(secrets: tuple[SecretStr, ...]) -> tuple[str, ...]:
    return tuple(secret.get_secret_value() for secret in secrets)
