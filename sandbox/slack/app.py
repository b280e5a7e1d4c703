"""The stand-in as one ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.slack import control, page, response_url, web_api
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.settings import Settings


async def health(_request: Request) -> Response:
    return JSONResponse({"status": "ok", "service": "sandbox-slack"})


ROUTES = [
    Route("/healthz", health),
    Route("/api/{method}", web_api.call, methods=["GET", "POST"]),
    Route("/actions/{team}/{secret}", response_url.answer, methods=["POST"]),
    Route("/", page.show),
    Route("/page/click", page.click, methods=["POST"]),
    Route("/page/submit", page.submit, methods=["POST"]),
    Route("/page/close", page.close, methods=["POST"]),
    Route("/sandbox/click", control.click, methods=["POST"]),
    Route("/sandbox/submit-view", control.submit_view, methods=["POST"]),
    Route("/sandbox/messages", control.messages),
    Route("/sandbox/view", control.view),
    Route("/sandbox/faults", control.faults, methods=["POST"]),
    Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
]


def build(settings: Settings) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.sandbox = Sandbox(settings)
        app.state.templates = page.templates()
        yield
        await app.state.sandbox.close()

    return Starlette(routes=ROUTES, lifespan=lifespan)
