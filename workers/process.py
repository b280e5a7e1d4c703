"""A worker's process: connect, build, run. `/healthz` answers while it polls; SIGTERM drains it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig

from activities.mcp import ToolServers
from contracts.agents import AgentSpec
from contracts.names import task_queue
from gateway.client import Gateway
from store.database import Database
from telemetry.setup import instrument_anthropic, telemetry
from workers.pool import build, parts
from workers.settings import WorkerSettings


def app(spec: AgentSpec, settings: WorkerSettings) -> Starlette:
    """The process as an ASGI app: the worker lives as long as its lifespan."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with polling(spec, settings):
            yield

    async def healthz(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "task_queue": task_queue(spec.name)})

    return Starlette(routes=[Route("/healthz", healthz)], lifespan=lifespan)


@asynccontextmanager
async def polling(spec: AgentSpec, settings: WorkerSettings) -> AsyncIterator[None]:
    """The composition root: the only place in this process that opens anything."""
    with telemetry(f"agent-{spec.name}", settings.otlp_endpoint):
        instrument_anthropic()
        async with AsyncExitStack() as opened:
            db = Database(settings.store_url)
            opened.push_async_callback(db.close)
            gateway = Gateway(settings.gateway_url, settings.gateway_key)
            opened.push_async_callback(gateway.close)
            client = await Client.connect(
                **ClientConfig.load_client_connect_config(),
                data_converter=pydantic_data_converter,
                plugins=[OpenTelemetryPlugin()],
            )
            its = parts(spec, db, gateway, ToolServers(settings.tool_servers), settings.channel)
            await opened.enter_async_context(build(client, spec, its, settings))
            yield
