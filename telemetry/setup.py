"""Telemetry of a process, from its start to its last span. Workflow code opens its spans through `spans` alone."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from openinference.instrumentation import TraceConfig
from openinference.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry import trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanLimits
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from phoenix.otel import PROJECT_NAME, HTTPSpanExporter
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider, create_tracer_provider

from telemetry.llm import PricedModel
from telemetry.owner import Owner
from telemetry.patience import Patient
from telemetry.quiet import CALLER, Handshakes, Quiet
from telemetry.refusal import Outspoken

PROJECT = "farmstead"
"""The trace store's project."""

# a conversation is some hundred attributes of one LLM span; the SDK's own limit of 128 would cut it
LIMITS = SpanLimits(max_span_attributes=10_000)
# per attempt, so that a process ends in time when the trace store is away
EXPORT_TIMEOUT_S = 1.5
# what a worker loses when it is killed outright
SEND_AFTER_MS = 250


@contextmanager
def telemetry(
    service: str, endpoint: str | None, *, quiet: Collection[str] = CALLER
) -> Iterator[ReplaySafeTracerProvider]:
    """Trace this process, and send what is left when it ends. Once per process.

    `endpoint` is the OTLP/HTTP base URL (http://127.0.0.1:6006); without one, spans have ids and go nowhere.
    `quiet` names the libraries that open no spans: a tool server says `quiet=SERVER`.
    """
    made = create_tracer_provider(
        sampler=Handshakes(),
        resource=Resource.create({SERVICE_NAME: service, PROJECT_NAME: PROJECT}),
        span_limits=LIMITS,
        shutdown_on_exit=False,
    )
    provider = Quiet(made, quiet)
    provider.add_span_processor(Owner())
    if endpoint:
        provider.add_span_processor(BatchSpanProcessor(_exporter(endpoint), schedule_delay_millis=SEND_AFTER_MS))
    trace.set_tracer_provider(provider)
    try:
        yield provider
    finally:
        provider.shutdown()


def _exporter(endpoint: str) -> SpanExporter:
    # it logs every attempt at a store that is away; Patient says it once
    logging.getLogger("opentelemetry.exporter.otlp").setLevel(logging.CRITICAL)
    url = f"{endpoint.rstrip('/')}/v1/traces"
    sender = Outspoken(lambda line: HTTPSpanExporter(endpoint=url, timeout=EXPORT_TIMEOUT_S, session=line))
    return PricedModel(Patient(sender, url))


def instrument_anthropic() -> None:
    """One LLM span a model call, in OpenInference's attributes and in OTel GenAI's. The only source of LLM spans."""
    AnthropicInstrumentor().instrument(config=TraceConfig(enable_genai_semconv=True))


def instrument_httpx() -> None:
    """A span for each request that a tool server makes of its vendor."""
    HTTPXClientInstrumentor().instrument()
