"""What only the gateway knows of a model call, put on its LLM span: the model that is paid for, and the cost."""

from collections.abc import Mapping, Sequence

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

_PRICED_AS = "farm.priced_as"
_ROLE = "farm.role"


def note_answer(headers: Mapping[str, str], role: str = "", *, taken_out: str = "") -> None:
    """To be called while the LLM span is open, with the gateway's response headers and the role that was asked.

    `taken_out`: what guardrails took out of the request before it left, kinds and counts.
    """
    span = trace.get_current_span()
    if not span.is_recording():
        return
    for attribute, header in (
        (_PRICED_AS, "x-litellm-model-name"),
        ("farm.answered_by", "x-farm-answered-by"),
        ("farm.instead_of", "x-farm-instead-of"),
        ("farm.call_id", "x-litellm-call-id"),
        ("farm.once", "x-farm-once"),
        ("farm.taken_out_by_gateway", "x-farm-taken-out"),
    ):
        if value := headers.get(header):
            # the trace store knows prices by the model's name alone
            span.set_attribute(attribute, value.rpartition("/")[2] if attribute == _PRICED_AS else value)
    if cost := headers.get("x-litellm-response-cost"):
        span.set_attribute("llm.cost.total", float(cost))
    if role:
        span.set_attribute(_ROLE, role)
    if taken_out:
        span.set_attribute("farm.taken_out", taken_out)
    span.set_attribute("farm.fallback", headers.get("x-litellm-attempted-fallbacks", "0") != "0")


class PricedModel(SpanExporter):
    """Names the pinned model on an LLM span, where the instrumentation wrote the role.

    The trace store prices by `llm.model_name` and takes an unknown name for free of charge. Only the gateway's
    answer says which model it was, and the instrumentation writes its own idea last: so it is put right here.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([_named(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()


def _named(span: ReadableSpan) -> ReadableSpan:
    attributes = dict(span.attributes or {})
    priced_as = attributes.get(_PRICED_AS)
    if priced_as is None:
        return span
    attributes.setdefault(_ROLE, attributes.get("llm.request.model_name", ""))
    for name in ("llm.model_name", "llm.response.model_name", "gen_ai.response.model"):
        attributes[name] = priced_as
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=span.events,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
