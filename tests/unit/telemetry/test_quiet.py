from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.contrib.opentelemetry import create_tracer_provider

from telemetry.quiet import CALLER, Handshakes, Quiet


def test_a_quiet_library_opens_no_span_and_breaks_no_chain() -> None:
    """What is called through it hangs below the span around it."""
    memory = InMemorySpanExporter()
    provider = Quiet(create_tracer_provider(), CALLER)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    ours, theirs = provider.get_tracer("farmstead"), provider.get_tracer("mcp-python-sdk")
    with ours.start_as_current_span("tool") as outer, theirs.start_as_current_span("MCP send tools/call"):
        here = trace.get_current_span().get_span_context().span_id
    assert here == outer.get_span_context().span_id
    assert [span.name for span in memory.get_finished_spans()] == ["tool"]


def test_handshakes_are_dropped_and_tool_calls_kept() -> None:
    """Discovery and lists say nothing of what an agent did."""
    memory = InMemorySpanExporter()
    provider = create_tracer_provider(sampler=Handshakes())
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("fastmcp")
    for method in ("server/discover", "tools/list", "tools/call"):
        tracer.start_span(method, attributes={"mcp.method.name": method}).end()
    tracer.start_span("GET").end()
    assert [span.name for span in memory.get_finished_spans()] == ["tools/call", "GET"]
