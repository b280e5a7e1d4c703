"""The starter's routes, in the open."""

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from starter.health import Health
from starter.middleware import RequestLog, SecurityHeaders
from starter.slack import SlackInteractions
from starter.webhooks import PipedriveWebhooks


@dataclass(frozen=True)
class Parts:
    """What stands behind the routes."""

    webhooks: PipedriveWebhooks
    slack: SlackInteractions
    health: Health


def assemble(parts: Parts) -> Starlette:
    """The door, whole: what can be knocked at, and what every answer has alike."""
    return Starlette(
        routes=[
            Route("/webhooks/pipedrive", parts.webhooks.receive, methods=["POST"]),
            Route("/slack/interactions", parts.slack.receive, methods=["POST"]),
            Route("/healthz", parts.health.ready),
            Route("/readyz", parts.health.ready),
            Route("/livez", parts.health.live),
        ],
        middleware=[Middleware(RequestLog), Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: refusal},
    )


async def refusal(_: Request, error: Exception) -> Response:
    """An HTTPException as JSON: `{"outcome": "refused", "reason": ...}`."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"outcome": "refused", "reason": error.detail}, error.status_code, headers=error.headers)
