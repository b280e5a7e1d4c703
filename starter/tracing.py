"""One root span per request that comes in: a run's trace starts here."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind


@contextmanager
def root_span(name: str) -> Iterator[Span]:
    """A span with no parent: a trace context sent from outside is not ours to join."""
    tracer = trace.get_tracer("farmstead")
    with tracer.start_as_current_span(name, context=Context(), kind=SpanKind.SERVER) as span:
        yield span
