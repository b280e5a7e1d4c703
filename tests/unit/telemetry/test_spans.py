from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from telemetry.baggage import owner_attributes
from telemetry.spans import event_context, trace_id, traceparent

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_an_events_trace_is_taken_up() -> None:
    """What starts inside belongs to the trace that brought the event, and to its owner."""
    with event_context(PARENT, agent="sales", entity="deal:42", run="sales:deal:42/run-1"):
        assert trace_id() == "0af7651916cd43dd8448eb211c80319c"
        assert owner_attributes(None)["farm.run"] == "sales:deal:42/run-1"
    assert trace_id() == ""


def test_an_event_without_a_trace_starts_outside_of_any() -> None:
    """A timer's run doesn't join the trace that happens to be current."""
    current = TracerProvider().get_tracer("test").start_as_current_span("the entity's first event")
    with current, event_context("", agent="sales", entity="deal:42", run="r"):
        assert trace_id() == ""


def test_a_traceparent_leads_back_to_its_trace() -> None:
    """What the door writes into an event is what the run takes up."""
    with TracerProvider().get_tracer("test").start_as_current_span("POST /webhooks/pipedrive"):
        written, here = traceparent(), trace_id()
    with event_context(written, agent="sales", entity="deal:42", run="r"):
        assert trace_id() == here


def test_without_telemetry_there_is_no_trace() -> None:
    """Empty, and no error."""
    assert (traceparent(), trace_id()) == ("", "")
    assert not trace.get_current_span().is_recording()
