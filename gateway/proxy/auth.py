"""Who may call the gateway: one key per agent, and the operator's master key.

Loaded by the proxy, in its own environment: nothing but LiteLLM and the standard library is there.
"""

import hmac
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from time import time

from litellm.proxy._types import (  # type: ignore[import-not-found]  # only in the proxy's own environment
    LitellmUserRoles,
    ProxyException,
    UserAPIKeyAuth,
)
from starlette.requests import Request

from gateway.accounts.book import BookAway
from gateway.accounts.desk import Desk, desk
from gateway.accounts.keys import GIVEN, Key, find

KEY_ID = "farm_key"
"""Where in LiteLLM's metadata the key's name stands."""

COUNTED = frozenset(
    {
        "/v1/messages",
        "/v1/chat/completions",
        "/chat/completions",
        "/v1/embeddings",
        "/embeddings",
        "/v1/models",
        "/models",
    }
)
"""What an agent's key opens where a book is kept: the doors behind which every call is counted."""

UNCOUNTED = frozenset({"/model/info", "/v1/model/info"})
"""And those that cost nothing: which role is which model's, and its price."""

BATCHES = "/anthropic/v1/messages/batches"
"""Behind this each request of a batch is counted, when it is sent and when its result is read."""


WHO = "farm.who"
"""Where in a request's scope stands whose key was found at the door: the key, and what was found."""


async def lets_in(request: Request, key: str) -> bool:
    """Whether the key is somebody's. LiteLLM asks the same of the request later, and is given what was found here."""
    try:
        request.scope[WHO] = (key, await _found(request, key))
    except ProxyException:
        return False
    return True


async def authenticate(request: Request, api_key: str) -> UserAPIKeyAuth:
    """The agent behind a key. Raises `ProxyException` (401) for a key that nobody has, or has no more.

    Keys are in `FARM_GATEWAY_KEYS`, as JSON of agent to key, in the book, where one is kept, and `LITELLM_MASTER_KEY`.
    """
    given = api_key.removeprefix("Bearer ").strip()
    key, who = request.scope.pop(WHO, ("", None))
    return who if who is not None and key == given else await _found(request, given)


async def _found(request: Request, given: str) -> UserAPIKeyAuth:
    if _same(given, os.environ.get("LITELLM_MASTER_KEY", "")):
        return UserAPIKeyAuth(api_key=given, user_role=LitellmUserRoles.PROXY_ADMIN)
    by_environment = next((agent for agent, key in _given().items() if _same(given, key)), None)
    book = desk()
    if book is None and by_environment is not None:
        return UserAPIKeyAuth(api_key=given, key_alias=by_environment, user_id=by_environment)
    key = await _in_book(book, given) if book else None
    if key is None:
        raise _stranger(
            "No agent has this gateway key. FARM_GATEWAY_KEY of the caller must be one of FARM_GATEWAY_KEYS"
            + (", or one made by ./farm keys." if book else ".")
        )
    if why := _no_more(key, by_environment, time()):
        raise _stranger(f"{why}. FARM_GATEWAY_KEY of {key.agent} must be a valid one: see ./farm keys.")
    if not _opens(request.url.path):
        doors = ", ".join(sorted({*COUNTED, *UNCOUNTED, BATCHES}))
        raise ProxyException(
            message=f"An agent's key doesn't open {request.url.path}: only {doors}.",
            type="permission_error",
            param="path",
            code=403,
        )
    return UserAPIKeyAuth(api_key=given, key_alias=key.agent, user_id=key.agent, metadata={KEY_ID: key.id})


def _opens(path: str) -> bool:
    return path in COUNTED | UNCOUNTED or path == BATCHES or path.startswith(f"{BATCHES}/")


def _given() -> Mapping[str, str]:
    given: Mapping[str, str] = json.loads(os.environ.get("FARM_GATEWAY_KEYS") or "{}")
    return given


async def _in_book(book: Desk, given: str) -> Key | None:
    try:
        return await book.read(lambda entries: find(entries, given))
    except BookAway as away:
        raise ProxyException(
            message=str(away), type="api_error", param="", code=503, headers={"retry-after": "5"}
        ) from away


def _no_more(key: Key, by_environment: str | None, now: float) -> str:
    """Why a key that was valid isn't; empty where it is."""
    if key.revoked_at is not None:
        return f"This gateway key, {key.id}, was revoked on {_when(key.revoked_at)} by {key.revoked_by}"
    if key.expires_at is not None and not key.opens(now):
        return f"This gateway key, {key.id}, was replaced, and ended on {_when(key.expires_at)}"
    if key.source == GIVEN and by_environment is None:
        return f"This gateway key, {key.id}, was taken out of FARM_GATEWAY_KEYS"
    return ""


def _when(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


def _stranger(message: str) -> ProxyException:
    return ProxyException(message=message, type="authentication_error", param="x-api-key", code=401)


def _same(given: str, key: str) -> bool:
    return bool(key) and hmac.compare_digest(given.encode(), key.encode())
