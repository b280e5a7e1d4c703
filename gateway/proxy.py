"""The proxy's ASGI application. Importing this imports LiteLLM, which reads its settings from the environment."""

import os

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment
from litellm.proxy._types import ProxyException  # type: ignore[import-not-found]
from litellm.proxy.proxy_server import app  # type: ignore[import-not-found]
from starlette.requests import Request
from starlette.types import ASGIApp

from gateway.auth import authenticate
from gateway.candour import Witness, candid
from gateway.front import Front
from gateway.fronting import at_once, kept


def build_app() -> ASGIApp:
    """LiteLLM's application, made candid about its vendors, behind what pays each call once."""
    litellm.callbacks.append(Witness())
    surroundings = os.environ
    drain_s = float(surroundings.get("FARM_DRAIN_S") or 3)
    return Front(candid(app), kept(surroundings), _lets_in, at_once(surroundings), drain_s)


async def _lets_in(request: Request, key: str) -> bool:
    try:
        await authenticate(request, key)
    except ProxyException:
        return False
    return True
