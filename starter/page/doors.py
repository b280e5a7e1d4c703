"""What stands before each of the page's endpoints: is this really asked of us, and who asks?"""

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from starter.body import read
from starter.page import forgery
from starter.page.access import Terms, is_loopback
from starter.page.rendering import problem
from starter.page.session import SignedIn, signed_in
from starter.refusals import SOON, Refused

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]
Reading = Callable[[Request, SignedIn], Awaitable[Response]]
Sending = Callable[[Request, SignedIn, dict[str, str]], Awaitable[Response]]

LARGEST = 300_000
"""Bytes of a form: a mail's text fits, with each letter written out."""

MOST_FIELDS = 500

AWAY = (SQLAlchemyError, OSError, TimeoutError)
SIGNED_OUT = "you are not signed in, or you were away for too long; nothing was done"


class Doors:
    """Wraps endpoints: refusals become pages, and nobody gets in who isn't signed in."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def open(self, endpoint: Endpoint) -> Endpoint:
        """For anybody."""

        async def answered(request: Request) -> Response:
            try:
                self._meant(request)
                return await endpoint(request)
            except HTTPException as error:
                return problem(request, error.status_code, error.detail, signed_in(request.session))
            except AWAY as error:
                log.warning("the page's records can't be read: %s", type(error).__name__)
                reason = "the records can't be read just now; try again in a moment"
                return problem(request, 503, reason, signed_in(request.session), retry_s=SOON)

        return answered

    def reading(self, endpoint: Reading) -> Endpoint:
        """For whoever is signed in; anybody else is sent to sign in, and comes back here."""

        async def shown(request: Request) -> Response:
            who = signed_in(request.session)
            if who is None:
                request.session["next"] = request.url.path
                return RedirectResponse("/sign-in", 303)
            return await endpoint(request, who)

        return self.open(shown)

    def sending(self, endpoint: Sending) -> Endpoint:
        """The same for a form, which must be ours: 401 and 403 otherwise, and nothing is done."""

        async def taken(request: Request) -> Response:
            form = await self.form_of(request)
            who = signed_in(request.session)
            if who is None:
                raise Refused(401, SIGNED_OUT, "unauthorized")
            forgery.refuse_forged(request.session, form, request.headers, self.origin(request))
            return await endpoint(request, who, form)

        return self.open(taken)

    async def form_of(self, request: Request) -> dict[str, str]:
        """What was sent. Refused 400, 408 or 413."""
        body = await read(request, largest=LARGEST)
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"))
        except ValueError as error:
            raise Refused(400, "this is no form of ours", "malformed") from error

    def origin(self, request: Request) -> str:
        """Where our own pages come from, as the browser has it."""
        if self._terms.provider is None:
            return f"http://{request.headers.get('host', '')}"
        parts = urlsplit(self._terms.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def _meant(self, request: Request) -> None:
        """Without a sign-in: asked by this machine, of this machine. A stranger's name can be made to lead here."""
        if self._terms.provider is not None:
            return
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        through = {"forwarded", "x-forwarded-for", "x-forwarded-host"} & set(request.headers.keys())
        if not is_loopback(host) or through:
            reason = "without a sign-in the page is for this machine alone: open it by localhost"
            raise Refused(403, reason, "unauthorized")
