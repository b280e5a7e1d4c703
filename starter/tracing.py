"""One root span per request that comes in: a run's trace starts here."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind

from contracts.agents import AgentSpec
from contracts.events import Event
from telemetry.baggage import AGENT, ENTITY, SESSION_ID


@contextmanager
def root_span(name: str) -> Iterator[Span]:
    """A span with no parent: a trace context sent from outside is not ours to join."""
    tracer = trace.get_tracer("farmstead")
    with tracer.start_as_current_span(name, context=Context(), kind=SpanKind.SERVER) as span:
        span.set_attribute("openinference.span.kind", "CHAIN")
        yield span


def note_event(event: Event, agents: Iterable[AgentSpec]) -> None:
    """Say on the request's span what came in and whom it concerns, as the run's spans say it."""
    span = trace.get_current_span()
    span.set_attributes({ENTITY: str(event.entity), SESSION_ID: str(event.entity), "farm.event": event.id})
    span.set_attributes({AGENT: ", ".join(spec.name for spec in agents), "input.value": event.summary})
