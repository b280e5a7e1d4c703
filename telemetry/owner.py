"""Write the owner onto each span as it starts."""

from opentelemetry import context as contexts
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor

from telemetry.baggage import owner_attributes


class Owner(SpanProcessor):
    """Agent, entity, run and session on every span, from the context it starts in."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        span.set_attributes(owner_attributes(parent_context or contexts.get_current()))
