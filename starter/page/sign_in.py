"""Signing in and out. With a provider: OIDC's code flow, with PKCE, state and nonce. Without one: by saying a name."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from starter.page import forgery
from starter.page.access import Provider, Terms
from starter.page.doors import Doors
from starter.page.rendering import page, problem
from starter.page.session import SignedIn, say, sign_in, signed_in
from starter.refusals import SOON

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
HOME = "/approvals"
CALLBACK = "/sign-in/callback"

AWAY = "the service that people sign in with can't be reached just now; try again in a moment"
NAME = re.compile(r"[\w.@+:-][\w.@+: -]{0,99}")
OURS = re.compile(r"/(approvals|runs)(/[\w.:/-]*)?")


class NotLetIn(Exception):
    """Somebody whom the provider knows, and who may not come in here. The message is for them."""


def identity(claims: Mapping[str, Any], domains: tuple[str, ...]) -> SignedIn:
    """Who it is, by what the provider says. Raises NotLetIn. Pure.

    An address that nobody verified could be anybody's: then it is the provider's own number of the person.
    """
    address = str(claims.get("email") or "").lower()
    is_verified = claims.get("email_verified") in (True, "true")
    if domains:
        if not address or not is_verified:
            raise NotLetIn("your account has no verified e-mail address")
        if address.rpartition("@")[2] not in domains:
            raise NotLetIn(f"{address} is of no domain that is let in here")
    name = str(claims.get("name") or "")[:100]
    return SignedIn(address if address and is_verified else str(claims["sub"]), name)


class LocalSignIn:
    """Everybody is believed: on a developer's own machine there is nobody else."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def show(self, request: Request) -> Response:
        return page(request, "sign_in_local.html", me=signed_in(request.session), fault="")

    async def take(self, request: Request) -> Response:
        form = await self._doors.form_of(request)
        forgery.refuse_forged(request.session, form, request.headers, self._doors.origin(request))
        name = form.get("name", "").strip()
        if not NAME.fullmatch(name):
            fault = "A name of letters, digits and . @ + : - , please."
            return page(request, "sign_in_local.html", 422, me=None, fault=fault)
        return _come_in(request, SignedIn(name))


class ProviderSignIn:
    """Somebody else says who people are."""

    def __init__(self, terms: Terms, provider: Provider) -> None:
        self._provider = provider
        self._callback = f"{terms.public_url}{CALLBACK}"
        self._client = OAuth().register(
            "farm",
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": PATIENCE_S},
        )

    async def show(self, request: Request) -> Response:
        """Send the browser to the provider."""
        try:
            await self._is_itself()
            sent: Response = await self._client.authorize_redirect(request, self._callback)
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            return _away(request, error)
        return sent

    async def come_back(self, request: Request) -> Response:
        """The provider sent the browser back: who is it?"""
        try:
            who = identity(await self._claims(request), self._provider.domains)
        except NotLetIn as error:
            log.warning("not let in: %s", error)
            return problem(request, 403, str(error))
        except (OAuthError, JoseError) as error:
            log.warning("sign-in refused: %s", getattr(error, "error", "") or type(error).__name__)
            return problem(request, 401, "the sign-in didn't come to its end; please begin again")
        except (httpx2.HTTPError, ValueError, KeyError) as error:
            return _away(request, error)
        return _come_in(request, who)

    async def _claims(self, request: Request) -> dict[str, Any]:
        await self._is_itself()
        token = await self._client.authorize_access_token(request)
        claims = dict(token.get("userinfo") or {})
        if not claims.get("sub"):
            raise OAuthError("no_identity", "the provider sent no ID token")
        if "email" not in claims:  # many say it only where they are asked for it
            told = dict(await self._client.userinfo(token=token))
            if told.get("sub") != claims["sub"]:
                raise OAuthError("another_identity", "the provider's answers are about two people")
            claims |= told
        return claims

    async def _is_itself(self) -> None:
        """A provider's description that names another issuer would let that one say who people are."""
        metadata = await self._client.load_server_metadata()
        if metadata.get("issuer") != self._provider.issuer:
            raise ValueError(f"{self._provider.issuer} calls itself {str(metadata.get('issuer'))[:200]}")


async def sign_out(request: Request, _: SignedIn, __: dict[str, str]) -> Response:
    """The cookie goes."""
    request.session.clear()
    say(request.session, "You are signed out.", good=True)
    return RedirectResponse("/signed-out", 303)


async def signed_out(request: Request) -> Response:
    """Where somebody stands who has left: signing in again takes a click."""
    return page(request, "signed_out.html")


def _come_in(request: Request, who: SignedIn) -> Response:
    wanted = str(request.session.get("next", ""))
    sign_in(request.session, who)
    log.info("%s signed in", who.by)
    return RedirectResponse(wanted if OURS.fullmatch(wanted) else HOME, 303)


def _away(request: Request, error: Exception) -> Response:
    log.warning("the provider can't be used: %s: %s", type(error).__name__, str(error)[:200])
    return problem(request, 503, AWAY, retry_s=SOON)
