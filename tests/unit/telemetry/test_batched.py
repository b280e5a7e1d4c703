from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry import batched
from telemetry.batched import Batched

CALL = Batched(
    step="learn-1",
    role="insight",
    model="claude-sonnet-5-5",
    answered_by="sandbox-rules/claude-sonnet-5-5",
    tokens={"input_tokens": 6000, "output_tokens": 1000},
    cost_usd=0.0165,
    asked_at=datetime(2026, 11, 27, 6, 30, 0, 250_000, UTC),
    latency_s=7200.5,
    said="They want a quote.",
)


@pytest.fixture
def exported(monkeypatch) -> ReadableSpan:
    """The span of that call, as it leaves the process."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr("opentelemetry.trace.get_tracer", provider.get_tracer)
    with provider.get_tracer("test").start_as_current_span("the activity"):
        batched.show(CALL)
    (span,) = [each for each in memory.get_finished_spans() if each.name == "learn-1 by batch"]
    return span


def test_it_is_an_llm_span_below_what_is_open(exported) -> None:
    """In the run's trace, with the model, the cost and the answer."""
    attributes = exported.attributes
    assert exported.parent is not None
    assert attributes["openinference.span.kind"] == "LLM"
    assert (attributes["llm.model_name"], attributes["llm.cost.total"]) == ("claude-sonnet-5-5", 0.0165)
    assert (attributes["farm.role"], attributes["output.value"]) == ("insight", "They want a quote.")
    assert attributes["farm.batch"] is True


def test_it_has_the_calls_own_times(exported) -> None:
    """Asked when the batch was submitted, and answered when it ended."""
    begun = int(CALL.asked_at.timestamp()) * 10**9 + 250_000_000
    assert (exported.start_time, exported.end_time) == (begun, begun + 7_200_500_000_000)


def test_the_trace_store_prices_none_of_its_tokens(exported) -> None:
    """It would by the full price, which nobody paid."""
    assert exported.attributes["farm.batch.input_tokens"] == 6000
    assert not [name for name in exported.attributes if name.startswith("llm.token_count")]
