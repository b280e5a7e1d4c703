"""What only the gateway knows of a model call, put on its LLM span: the model that is paid for, and the cost."""

from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.sdk.trace import Span, SpanProcessor

_PRICED_AS = "farm.priced_as"


def note_answer(headers: Mapping[str, str]) -> None:
    """To be called while the LLM span is open, with the gateway's response headers."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    for attribute, header in (
        (_PRICED_AS, "x-litellm-model-name"),
        ("farm.answered_by", "x-farm-answered-by"),
        ("farm.call_id", "x-litellm-call-id"),
    ):
        if value := headers.get(header):
            span.set_attribute(attribute, value.removeprefix("anthropic/"))
    if cost := headers.get("x-litellm-response-cost"):
        span.set_attribute("llm.cost.total", float(cost))
    span.set_attribute("farm.fallback", headers.get("x-litellm-attempted-fallbacks", "0") != "0")


class PricedModel(SpanProcessor):
    """Name the pinned model on an LLM span, where the instrumentation wrote the role.

    The trace store prices by `llm.model_name` and takes an unknown name for free of charge.
    """

    def _on_ending(self, span: Span) -> None:
        attributes = span.attributes or {}
        priced_as = attributes.get(_PRICED_AS)
        if priced_as is None:
            return
        span.set_attribute("farm.role", attributes.get("llm.request.model_name", ""))
        span.set_attribute("llm.model_name", priced_as)
        span.set_attribute("gen_ai.response.model", priced_as)
