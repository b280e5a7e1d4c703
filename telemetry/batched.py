"""The LLM span of a call that went by a batch: made when its answer is known, for no client was there to be watched."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from opentelemetry import trace

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Batched:
    """A call as the ledger has it. `tokens`: a count for each kind of them, all of them that were sent or said."""

    step: str
    role: str
    model: str
    answered_by: str
    tokens: dict[str, int]
    cost_usd: float
    asked_at: datetime
    latency_s: float
    said: str


def show(call: Batched) -> None:
    """Below the span that is open now, with the call's own times, which lie before it."""
    tracer = trace.get_tracer("farmstead")
    begun = _nanoseconds(call.asked_at)
    span = tracer.start_span(f"{call.step} by batch", start_time=begun, attributes=_attributes(call))
    span.end(begun + int(call.latency_s * 1e9))


def _attributes(call: Batched) -> dict[str, str | int | float | bool]:
    # The tokens aren't under OpenInference's names: the trace store prices those, and knows no batch's price.
    return {
        "openinference.span.kind": "LLM",
        "llm.model_name": call.model,
        "llm.cost.total": call.cost_usd,
        "output.value": call.said,
        "farm.role": call.role,
        "farm.answered_by": call.answered_by,
        "farm.batch": True,
        **{f"farm.batch.{kind}": count for kind, count in call.tokens.items()},
    }


def _nanoseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, at.tzinfo)) // MICROSECOND * 1_000
