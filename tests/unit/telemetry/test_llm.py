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


def _exported(headers: dict[str, str], role: str = "", taken_out: str = "") -> dict[str, object]:
    """The attributes of an LLM span on which the instrumentation wrote the role, before and after the answer."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(PricedModel(memory)))
    with provider.get_tracer("test").start_as_current_span("messages.create") as span:
        span.set_attributes({"llm.model_name": "triage", "llm.request.model_name": "triage"})
        note_answer(headers, role, taken_out=taken_out)
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


def test_a_standby_is_on_the_span_with_whom_it_stood_in_for() -> None:
    """Both models by their names, whichever vendor's; and the role, though the call named a model."""
    told = {"x-litellm-model-name": "openai/gpt-9-2026-01-01", "x-litellm-attempted-fallbacks": "1"}
    attributes = _exported({**HEADERS, **told, "x-farm-instead-of": "claude-haiku-5-5"}, "orchestrator")
    assert (attributes["farm.fallback"], attributes["farm.instead_of"]) == (True, "claude-haiku-5-5")
    assert (attributes["llm.model_name"], attributes["farm.role"]) == ("gpt-9-2026-01-01", "orchestrator")


def test_what_guardrails_took_out_is_on_the_span() -> None:
    """By kind and count: what the client took out, and what the gateway still found after it."""
    attributes = _exported({**HEADERS, "x-farm-taken-out": "token:1"}, taken_out="card:2")
    assert (attributes["farm.taken_out"], attributes["farm.taken_out_by_gateway"]) == ("card:2", "token:1")


def test_a_span_without_the_gateways_headers_stays_as_it_was() -> None:
    """Any other span passes untouched."""
    assert _exported({})["llm.model_name"] == "triage"


def test_without_a_span_nothing_is_noted() -> None:
    """A process without telemetry calls models all the same."""
    note_answer(HEADERS)
    assert not trace.get_current_span().is_recording()
