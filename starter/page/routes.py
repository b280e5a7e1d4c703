"""The page for people: what waits for them, and what a run did."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from starter.page.access import Closed, Terms
from starter.page.approvals import ApprovalPages
from starter.page.doors import Doors, Endpoint
from starter.page.rendering import FILES, contents, plain_problem
from starter.page.runs import RunPages
from starter.page.session import Sessions
from starter.page.sign_in import CALLBACK, HOME, LocalSignIn, ProviderSignIn, sign_out, signed_out

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """What the page is made of."""

    terms: Terms | Closed
    approvals: ApprovalPages
    runs: RunPages


def routes(page: Page, guarded: Callable[[Endpoint], Endpoint]) -> list[Route]:
    """The page's routes. They are for people, so the API's description doesn't tell of them.

    `guarded`: puts the door's gate before an endpoint, so that a flood of readers is bounded, and counted.
    """
    if isinstance(page.terms, Closed):
        log.warning("the page is off: %s", page.terms.reason)
        return _closed(page.terms)
    doors = Doors(page.terms)
    return _with_sessions(page.terms, [*_signing_in(page.terms, doors), *_own(page, doors), *_files()], guarded)


def _own(page: Page, doors: Doors) -> list[Route]:
    return [
        Route("/", _home),
        Route(HOME, doors.reading(page.approvals.waiting)),
        Route("/approvals/{id}", doors.reading(page.approvals.one)),
        Route("/approvals/{id}/decide", doors.sending(page.approvals.decide), methods=["POST"]),
        Route("/runs", doors.reading(page.runs.latest)),
        Route("/runs/{run:path}", doors.reading(page.runs.one)),
    ]


def _signing_in(terms: Terms, doors: Doors) -> list[Route]:
    out = [
        Route("/sign-out", doors.sending(sign_out), methods=["POST"]),
        Route("/signed-out", doors.open(signed_out)),
    ]
    if terms.provider is None:
        local = LocalSignIn(doors)
        return [
            Route("/sign-in", doors.open(local.show), methods=["GET"]),
            Route("/sign-in", doors.open(local.take), methods=["POST"]),
            *out,
        ]
    provided = ProviderSignIn(terms, terms.provider)
    return [Route("/sign-in", doors.open(provided.show)), Route(CALLBACK, doors.open(provided.come_back)), *out]


def _files() -> list[Route]:
    return [Route(f"/{name}", _file) for name in FILES]


def _closed(terms: Closed) -> list[Route]:
    async def off(_: Request) -> Response:
        return plain_problem(404, f"This page is off: {terms.reason}.")

    return [Route(path, off, include_in_schema=False) for path in ("/", HOME, "/approvals/{id}", "/runs/{run:path}")]


def _with_sessions(terms: Terms, its: Sequence[Route], guarded: Callable[[Endpoint], Endpoint]) -> list[Route]:
    sessions = Middleware(Sessions, terms=terms)
    return [
        Route(each.path, guarded(each.endpoint), methods=_methods(each), include_in_schema=False, middleware=[sessions])
        for each in its
    ]


def _methods(route: Route) -> list[str]:
    return sorted(route.methods or ())


async def _home(_: Request) -> Response:
    return RedirectResponse(HOME, 303)


async def _file(request: Request) -> Response:
    text, headers = contents(request.url.path.removeprefix("/"))
    return Response(text, headers=dict(headers))
