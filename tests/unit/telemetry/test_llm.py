from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry.llm import PricedModel, note_answer

HEADERS = {
    "x-litellm-model-name": "anthropic/claude-haiku-5-5",
    "x-litellm-response-cost": "0.25",
    "x-litellm-attempted-fallbacks": "0",
    "x-farm-answered-by": "sandbox-rules/claude-haiku-5-5",
}


def _exported(headers: dict[str, str]) -> dict[str, object]:
    """The attributes of an LLM span on which the instrumentation wrote the role, before and after the answer."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(PricedModel(memory)))
    with provider.get_tracer("test").start_as_current_span("messages.create") as span:
        span.set_attributes({"llm.model_name": "triage", "llm.request.model_name": "triage"})
        note_answer(headers)
        span.set_attribute("llm.model_name", "triage")
    (exported,) = memory.get_finished_spans()
    return dict(exported.attributes or {})


def test_an_llm_span_names_the_model_that_is_paid_for() -> None:
    """The trace store prices by the name; the role and the answering name stand beside it."""
    attributes = _exported(HEADERS)
    assert attributes["llm.model_name"] == "claude-haiku-5-5"
    assert attributes["farm.role"] == "triage"
    assert attributes["farm.answered_by"] == "sandbox-rules/claude-haiku-5-5"
    assert attributes["llm.cost.total"] == 0.25


def test_a_span_without_the_gateways_headers_stays_as_it_was() -> None:
    """Any other span passes untouched."""
    assert _exported({})["llm.model_name"] == "triage"


def test_without_a_span_nothing_is_noted() -> None:
    """A process without telemetry calls models all the same."""
    note_answer(HEADERS)
    assert not trace.get_current_span().is_recording()
