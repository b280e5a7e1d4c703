"""The proxy's ASGI application. Importing this imports LiteLLM, which reads its settings from the environment."""

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment
from litellm.proxy.proxy_server import app  # type: ignore[import-not-found]
from starlette.types import ASGIApp

from gateway.candour import Witness, candid


def build_app() -> ASGIApp:
    """LiteLLM's application, made candid about its vendors."""
    litellm.callbacks.append(Witness())
    return candid(app)
