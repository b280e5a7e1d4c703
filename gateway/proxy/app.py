"""The proxy's ASGI application. Importing this imports LiteLLM, which reads its settings from the environment."""

import os

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment
from litellm.proxy.proxy_server import app  # type: ignore[import-not-found]
from starlette.types import ASGIApp

from gateway.accounts.desk import desk
from gateway.door.front import Front
from gateway.door.settings import at_once, kept
from gateway.models.patience import patience
from gateway.models.roles import read
from gateway.proxy.auth import lets_in
from gateway.proxy.candour import Witness, candid, noted_answer
from gateway.proxy.fence import Fence, fenced
from gateway.proxy.guardrail import Guardrail
from gateway.proxy.lean import lean
from gateway.proxy.streamed import streamed
from gateway.proxy.thoughts import Thoughtless


def build_app() -> ASGIApp:
    """LiteLLM's application: guarded, candid, fenced where a book is kept, behind what pays each call once."""
    lean(app)
    litellm.callbacks += [Guardrail(), Witness(), Thoughtless()]
    surroundings = os.environ
    drain_s = float(surroundings.get("FARM_DRAIN_S") or 3)
    proxy = candid(streamed(app, patience(read(), surroundings), noted_answer))
    return Front(_fenced(proxy), kept(surroundings), lets_in, at_once(surroundings), drain_s)


def _fenced(proxy: ASGIApp) -> ASGIApp:
    if (book := desk()) is None:
        return proxy
    fence = Fence(book)
    litellm.callbacks.append(fence)
    return fenced(proxy, fence)
