"""Joining a tool server's spans to the run that called it."""

from typing import Any

from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context

from telemetry.baggage import owned_here, owner_attributes


class TakeOwner(Middleware):
    """Takes the owner from the request's `_meta`, where the client's SDK put its baggage.

    FastMCP takes the trace from there and leaves the baggage. It isn't passed on as baggage: the next request
    goes to a vendor.
    """

    async def on_request(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        owner = owner_attributes(_carried(context))
        if not owner:
            return await call_next(context)
        trace.get_current_span().set_attributes(owner)
        token = contexts.attach(owned_here(contexts.get_current(), owner))
        try:
            return await call_next(context)
        finally:
            contexts.detach(token)


def _carried(context: MiddlewareContext[Any]) -> Context:
    request = context.fastmcp_context.request_context if context.fastmcp_context else None
    meta = (request.meta if request else None) or {}
    value = meta.get("baggage")
    return W3CBaggagePropagator().extract({"baggage": value}, Context()) if isinstance(value, str) else Context()
