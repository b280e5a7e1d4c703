"""What the proxy knows and doesn't say: the vendor's own status and Retry-After, who answered, a fallback's cost.

Lives in the proxy's environment. LiteLLM's hooks see the vendor's error and answer; the middleware puts what
they saw on the way out, where the proxy rewrites 529 to 500 and drops Retry-After.
"""

import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from litellm.integrations.custom_logger import (  # type: ignore[import-not-found]  # only in the proxy's own environment
    CustomLogger,
)
from litellm.proxy import proxy_server  # type: ignore[import-not-found]
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.prices import pricing

OVERLOADED = 529
RETRY_AFTER = "retry-after"
ANSWERED_BY = "x-farm-answered-by"
INSTEAD_OF = "x-farm-instead-of"
TAKEN_OUT = "x-farm-taken-out"
PRICED_AS = "x-litellm-model-name"
COST = "x-litellm-response-cost"
RATES = "x-farm-rates"
"""What the tokens of this answer cost each, as JSON: `contracts.prices.Rates`."""

_NAMED = re.compile(rb'"message_start".{0,1000}?"model"\s*:\s*"([^"]+)"', re.DOTALL)
_FIRST_CHUNKS = 3

_seen: ContextVar[dict[str, Any] | None] = ContextVar("farm_seen", default=None)


class Witness(CustomLogger):  # type: ignore[misc]  # untyped here
    """Notes, for the request under way, what the vendor said."""

    async def async_post_call_failure_hook(
        self, request_data: dict[str, Any], original_exception: Exception, *_: object, **__: object
    ) -> None:
        """The vendor's Retry-After, and whether it was overloaded."""
        del request_data
        response = getattr(original_exception, "response", None)
        headers = getattr(original_exception, "litellm_response_headers", None) or getattr(response, "headers", {})
        if retry_after := headers.get(RETRY_AFTER):
            note(RETRY_AFTER, retry_after)
        if "overloaded_error" in str(original_exception):
            note("status", OVERLOADED)

    async def async_post_call_success_hook(self, data: Any, user_api_key_dict: Any, response: Any) -> Any:
        """The vendor's answer as it was, before the proxy writes the role over the model's name."""
        del data, user_api_key_dict
        if isinstance(response, dict) and response.get("model"):
            note(ANSWERED_BY, str(response["model"]))
            note("usage", response.get("usage"))
        return response

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: dict[str, Any]
    ) -> AsyncIterator[Any]:
        """The same of a stream, whose first event names the model."""
        del user_api_key_dict, request_data
        looked_for = _FIRST_CHUNKS
        async for chunk in response:
            if looked_for:
                looked_for -= 1
                if isinstance(chunk, bytes) and (named := _NAMED.search(chunk)):
                    looked_for = 0
                    note(ANSWERED_BY, named[1].decode())
            yield chunk

    async def log_success_fallback_event(
        self, original_model_group: str, kwargs: dict[str, Any], original_exception: Exception
    ) -> None:
        """Which model couldn't, where another answered. Of a chain of standbys the first asked is noted last."""
        del kwargs, original_exception
        note(INSTEAD_OF, _model(original_model_group))


def _model(asked: str) -> str:
    """The model behind a name that was asked for: a role's, or its own."""
    router = proxy_server.llm_router
    deployments = router.get_model_list(model_name=asked) if router else None
    behind = deployments[0]["litellm_params"]["model"] if deployments else asked
    return str(behind).rpartition("/")[2]


def noted_answer(message: dict[str, Any]) -> str:
    """Note the usage of a message that was put together; who the vendor says it is, where that was heard."""
    note("usage", message.get("usage"))
    seen = _seen.get() or {}
    return str(seen.get(ANSWERED_BY) or message.get("model", ""))


def note(key: str, value: Any) -> None:
    """Keep it for the answer of the request under way."""
    seen = _seen.get()
    if seen is not None:
        seen[key] = value


def candid(app: ASGIApp) -> ASGIApp:
    """Wrap the proxy so that its answers carry what `Witness` noted, and what their tokens cost."""
    pricing.stand_over()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        seen: dict[str, Any] = {}
        _seen.set(seen)

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(message, seen)
            await send(message)

        await app(scope, receive, tell)

    return serve


def _tell(message: Message, seen: dict[str, Any]) -> None:
    headers = MutableHeaders(scope=message)
    if message["status"] >= HTTPStatus.BAD_REQUEST:
        message["status"] = seen.get("status", message["status"])
        said = {RETRY_AFTER: seen.get(RETRY_AFTER)}
    else:
        usage = seen.get("usage") or {}
        rates = pricing.told(headers.get(PRICED_AS, ""), usage)
        said = {ANSWERED_BY: seen.get(ANSWERED_BY), INSTEAD_OF: seen.get(INSTEAD_OF), RATES: rates}
        if rates:  # over what the proxy says itself: it leaves the cost out after a fallback, and an hour's cache
            headers[COST] = str(pricing.cost(rates, usage))
    said[TAKEN_OUT] = seen.get(TAKEN_OUT)
    for key, value in said.items():
        if value is not None:
            headers.setdefault(key, str(value))
