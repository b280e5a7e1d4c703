"""The starter's routes, in the open."""

from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from starter import answers
from starter.draining import Draining
from starter.gate import Gate
from starter.health import Health
from starter.intake.drainer import Drainer
from starter.metrics import Metrics
from starter.middleware import LastAnswers, NoSurprise, RequestLog, SecurityHeaders
from starter.openapi import Description
from starter.page.routes import Page
from starter.page.routes import routes as page_routes
from starter.paths import known_parts
from starter.slack.clicks import SlackInteractions
from starter.slack.doors import SlackEvents
from starter.webhooks import Webhook


@dataclass(frozen=True)
class Parts:
    """What stands behind the routes."""

    gate: Gate
    webhooks: tuple[Webhook, ...]
    slack_events: SlackEvents
    slack: SlackInteractions
    page: Page
    health: Health
    metrics: Metrics
    draining: Draining
    drainer: Drainer
    """Works for as long as the door is open."""


def assemble(parts: Parts) -> Starlette:
    """The door, whole: what can be knocked at, and what every answer has alike."""
    routes = _routes(parts)
    known = known_parts(routes)
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestLog, known=known),
            Middleware(SecurityHeaders),
            Middleware(LastAnswers, draining=parts.draining),
            Middleware(NoSurprise, known=known),
        ],
        exception_handlers={HTTPException: refusal},
    )
    app.router.redirect_slashes = False  # a path is ours or it isn't; and an answer shall not repeat one
    return app


def _routes(parts: Parts) -> list[Route]:
    guarding = parts.gate.guarding
    return [
        *(Route(each.door.path, guarding(each.source.name, each.receive), methods=["POST"]) for each in parts.webhooks),
        Route("/slack/events", guarding("slack", parts.slack_events.hear, at_once=0), methods=["POST"]),
        Route("/slack/commands", guarding("slack", parts.slack_events.obey, at_once=0), methods=["POST"]),
        Route("/slack/interactions", guarding("slack", parts.slack.receive, at_once=0), methods=["POST"]),
        *page_routes(parts.page, partial(guarding, "page", at_once=0)),
        Route("/openapi.json", Description(parts.webhooks).show),
        Route("/healthz", parts.health.health),
        Route("/readyz", parts.health.ready),
        Route("/livez", parts.health.live),
        Route("/metrics", parts.metrics.show),
    ]


async def refusal(_: Request, error: Exception) -> Response:
    """What Starlette itself refuses: no such path, no such method."""
    assert isinstance(error, HTTPException)
    return answers.refusal(error)
