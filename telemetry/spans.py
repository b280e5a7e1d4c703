"""The spans that workflow code opens: the same on every replay, exported once, and nothing where telemetry is off.

Ids come from the workflow's own random source and nothing is sent while history is replayed, so a run that
moves to another worker keeps one trace. A span is exported when it ends: keep them to one run, never to an
entity that lives for months.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from temporalio import workflow

from telemetry.baggage import with_owner

with workflow.unsafe.imports_passed_through():
    from opentelemetry import context as contexts
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Kind = Literal["AGENT", "CHAIN", "TOOL", "RETRIEVER", "GUARDRAIL"]
"""OpenInference's span kinds, as far as the farm opens spans of its own; LLM spans come from the model client."""

Attribute = str | bool | int | float

_W3C = TraceContextTextMapPropagator()


@contextmanager
def event_context(traceparent: str, *, agent: str, entity: str, run: str) -> Iterator[None]:
    """Start a run under the trace of the event that caused it, not of the event that first woke the entity.

    `traceparent` is W3C trace context; empty (a timer, an operator's signal) lets the run begin a trace.
    """
    context = _W3C.extract({"traceparent": traceparent}, Context()) if traceparent else Context()
    token = contexts.attach(with_owner(context, agent, entity, run))
    try:
        yield
    finally:
        contexts.detach(token)


@contextmanager
def agent_span(name: str, *, said: str = "", **attributes: Attribute) -> Iterator[trace.Span]:
    """One run, from its first step to its end. `said` is what it was given to do, in a line."""
    with step_span(name, kind="AGENT", said=said, **attributes) as span:
        span.set_attributes({"agent.name": name, "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name})
        yield span


@contextmanager
def step_span(name: str, *, kind: Kind = "CHAIN", said: str = "", **attributes: Attribute) -> Iterator[trace.Span]:
    """One step inside a run; what is called within hangs below it."""
    with trace.get_tracer("farmstead").start_as_current_span(name) as span:
        span.set_attribute("openinference.span.kind", kind)
        if kind == "TOOL":
            span.set_attribute("tool.name", name)
        if said:
            span.set_attribute("input.value", said)
        span.set_attributes({f"farm.{key}": value for key, value in attributes.items()})
        yield span


def answered(span: trace.Span, text: str) -> None:
    """Note on a span, in a line, what came of it."""
    span.set_attribute("output.value", text)


def traceparent() -> str:
    """The W3C trace context of here and now, to be carried by an event; empty where nothing is traced."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")


def trace_id() -> str:
    """The current trace, as 32 hex digits for a link to the trace store; empty where nothing is traced."""
    here = trace.get_current_span().get_span_context()
    return trace.format_trace_id(here.trace_id) if here.is_valid else ""
