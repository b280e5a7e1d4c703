"""A worker's process: connect, build, run. `/healthz` answers while it polls; SIGTERM drains it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from activities.mcp import ToolServers
from contracts.agents import AgentSpec
from contracts.converter import data_converter
from contracts.names import task_queue
from gateway.calls.client import Gateway
from gateway.models import roles as models
from store.database import Database
from store.policies import PolicyBook
from telemetry.setup import instrument_anthropic, telemetry
from workers.collecting import batching, collect
from workers.pool import build, parts
from workers.settings import WorkerSettings

EMBEDDED_TEMPORAL = "127.0.0.1:7233"


class Polls(Protocol):
    """The part of a worker that health is read from."""

    @property
    def is_running(self) -> bool: ...


def app(spec: AgentSpec, polling: AbstractAsyncContextManager[Polls]) -> Starlette:
    """The process as an ASGI app: the worker lives as long as its lifespan. 503 when it doesn't poll."""
    workers: list[Polls] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with polling as worker:
            workers.append(worker)
            yield

    async def healthz(_: Request) -> JSONResponse:
        polls = any(worker.is_running for worker in workers)
        status = "ok" if polls else "not polling"
        return JSONResponse({"status": status, "task_queue": task_queue(spec.name)}, 200 if polls else 503)

    return Starlette(routes=[Route("/healthz", healthz)], lifespan=lifespan)


@asynccontextmanager
async def polling(spec: AgentSpec, settings: WorkerSettings) -> AsyncIterator[Worker]:
    """The composition root: the only place in this process that opens anything."""
    with telemetry(f"agent-{spec.name}", settings.otlp_endpoint):
        instrument_anthropic()
        async with AsyncExitStack() as opened:
            db = Database(settings.store_url)
            opened.push_async_callback(db.close)
            await PolicyBook(db).enter(spec.name, spec.policy, datetime.now(UTC))
            gateway = Gateway(settings.gateway_url, settings.gateway_key, roles=models.read().roles, guards=spec.guards)
            opened.push_async_callback(gateway.close)
            client = await temporal()
            servers = ToolServers(settings.tool_servers)
            opened.push_async_callback(servers.close)
            its = parts(spec, db, gateway, servers, settings.channel)
            await collect(client, spec, batching(spec, settings.batch_quiet_s))
            yield await opened.enter_async_context(build(client, spec, its, settings))


async def temporal() -> Client:
    """A client as the environment says, with the farm's own way of writing values down."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", EMBEDDED_TEMPORAL)
    return await Client.connect(**config, data_converter=data_converter, plugins=[OpenTelemetryPlugin()])
