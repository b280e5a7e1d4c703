"""The HTTP door, assembled in the open: the vendor's API, the sandbox's control routes, the page."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.crm import control, pages, v1, v2
from sandbox.crm.crm import Crm
from sandbox.crm.delivery import Postman
from sandbox.crm.faults import Faults
from sandbox.crm.limits import Limits
from sandbox.crm.refusals import Refused


def build_app(crm: Crm, *, rate_limit: bool = True, webhook_retries: Sequence[float] = (3.0, 30.0, 150.0)) -> Starlette:
    """An app over an open CRM. Webhooks go out while its lifespan lasts."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient() as http:
            delivering = asyncio.create_task(Postman(crm, http, webhook_retries).run())
            yield
            delivering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivering

    faults = Faults()
    app = Starlette(
        routes=[Route("/healthz", health), *v2.routes(), *v1.routes(), *control.routes(), *pages.routes()],
        middleware=[Middleware(faults.middleware)],
        exception_handlers={Refused: control.refuse},
        lifespan=lifespan,
    )
    app.state.crm = crm
    app.state.faults = faults
    app.state.limits = Limits(rate_limit, crm.clock)
    return app


async def health(request: Request) -> Response:
    deals = len(request.app.state.crm.records.all("deal"))
    return JSONResponse({"status": "ok", "part": "sandbox crm (not Pipedrive)", "deals": deals})
