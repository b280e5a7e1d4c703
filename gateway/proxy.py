"""The proxy's ASGI application. Importing this imports LiteLLM, which reads its settings from the environment."""

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment
from litellm.proxy.proxy_server import app  # type: ignore[import-not-found]
from starlette.types import ASGIApp

from gateway.candour import Witness, candid
from gateway.desk import desk
from gateway.fence import Fence, fenced


def build_app() -> ASGIApp:
    """LiteLLM's application, made candid about its vendors, and behind the fence where a book is kept."""
    litellm.callbacks.append(Witness())
    candidly = candid(app)
    if (book := desk()) is None:
        return candidly
    fence = Fence(book)
    litellm.callbacks.append(fence)
    return fenced(candidly, fence)
