"""What LiteLLM does for every call and nobody here has asked for, left out. What it answers is the same, but for the
headers that say how it came to a cost.

Lives in the proxy's environment. How much each brings: docs/reference/benchmarks.md, and `./farm bench gateway`, which
takes them away one by one.
"""

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module

import litellm  # type: ignore[import-not-found]  # only in the proxy's own environment
from fastapi import FastAPI  # type: ignore[import-not-found]
from litellm import Router
from litellm.proxy.hooks import PROXY_HOOKS  # type: ignore[import-not-found]

from gateway.proxy.answered import Answered
from gateway.proxy.shortcut import Shortcut

OFTEN = ("/v1/messages", "/v1/chat/completions")
"""What is asked for again and again, of some hundred paths."""

ABSENT = ("prisma", "litellm.integrations.otel.logger")
"""Imported in the middle of a call, and for nothing where what they need isn't installed."""

IDLE = (
    "parallel_request_limiter",  # our own limits are in the book
    "litellm_skills",
    "max_iterations_limiter",
    "max_budget_per_session_limiter",
    "sensitive_data_routing",
    "prompt_cache_prediction",
    "autorouter_baseline_cache",
)
"""Hooks of the proxy's that no setting of ours switches on, and that are asked all the same."""

COUNTS = "increment_deployment_usage_for_response"
"""The router's method that looks up, after each answer, whether its deployment has limits to be counted against."""

PACKS = "GZipBufferedResponseMiddleware"

YOUNG = 20_000
"""New objects before the collector looks at them: a call makes some thousand, and drops them by itself."""


def find_at_once(app: FastAPI) -> None:
    """What is asked often is found without asking each of the other routes."""
    app.router.routes[:0] = [Shortcut(path, app.router.routes) for path in OFTEN]


def dont_look_again(_: FastAPI) -> None:
    """A module that can't be imported isn't looked for on the disk at each call. One that can be is there already."""
    for name in ABSENT:
        try:
            import_module(name)
        except ImportError:
            sys.modules[name] = None  # type: ignore[assignment]  # what Python itself writes there to say so


def no_idle_hooks(_: FastAPI) -> None:
    """Nobody is asked who has nothing to say. With somebody's own configuration all stay: it may set them to work."""
    if os.environ.get("FARM_GATEWAY_CONFIG"):
        return
    for name in IDLE:
        with suppress(KeyError):
            del PROXY_HOOKS[name]


def no_idle_counting(_: FastAPI) -> None:
    """No deployment of ours has a limit in the router: a copy of all that is known of its model is made for nothing.
    With somebody's own configuration it may have one.
    """
    if not os.environ.get("FARM_GATEWAY_CONFIG") and hasattr(Router, COUNTS):
        setattr(Router, COUNTS, _counting_nothing)


async def _counting_nothing(*_: object, **__: object) -> None:
    """What the router's own comes to where there is no limit."""


def no_packing(app: FastAPI) -> None:
    """Answers aren't compressed: they are small, their way is short, and other calls would wait meanwhile."""
    app.user_middleware[:] = [each for each in app.user_middleware if each.cls.__name__ != PACKS]


def reckon_by_the_answer(_: FastAPI) -> None:
    """What an answer came to isn't worked out by LiteLLM as well. With somebody's own configuration it is: its router
    may count by that, and its callbacks tell of it.
    """
    if not os.environ.get("FARM_GATEWAY_CONFIG"):
        litellm.callbacks.append(Answered())


def leave_the_old_alone(_: FastAPI) -> None:
    """What was made at the start stays to the end: the collector needn't go through all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


MEASURES: dict[str, Callable[[FastAPI], None]] = {
    "shortcut": find_at_once,
    "absent modules": dont_look_again,
    "idle hooks": no_idle_hooks,
    "idle counting": no_idle_counting,
    "no packing": no_packing,
    "own reckoning": reckon_by_the_answer,
    "frozen heap": leave_the_old_alone,
}


def lean(app: FastAPI) -> None:
    """Before the proxy starts."""
    for measure in MEASURES.values():
        measure(app)
