"""What is left out of a trace: the protocol's own steps, so that a run reads as what the agent did."""

from collections.abc import Collection, Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, NoOpTracer, SpanKind, Tracer, TraceState
from opentelemetry.util.types import Attributes
from temporalio.contrib.opentelemetry import ReplaySafeTracerProvider

# the MCP client's libraries each open a span around the same request, which the farm's own TOOL span already is
CALLER = ("mcp-python-sdk", "fastmcp")
SERVER = ("mcp-python-sdk",)


class Quiet(ReplaySafeTracerProvider):
    """The provider, but these libraries open no spans; what they call hangs below the span around them."""

    def __init__(self, loud: ReplaySafeTracerProvider, scopes: Collection[str]) -> None:
        super().__init__(loud._tracer_provider, loud.id_generator())  # noqa: SLF001  # it has no public name
        self._scopes = frozenset(scopes)

    def get_tracer(self, instrumenting_module_name: str, *more: Any, **named: Any) -> Tracer:
        if instrumenting_module_name in self._scopes:
            return NoOpTracer()
        return super().get_tracer(instrumenting_module_name, *more, **named)


class Handshakes(Sampler):
    """Drops a tool server's spans for anything but a tool's call: discovery and lists lead to nothing below."""

    def should_sample(  # noqa: PLR0917  # the SDK's signature
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        if (attributes or {}).get("mcp.method.name", "tools/call") != "tools/call":
            return SamplingResult(Decision.DROP)
        return ALWAYS_ON.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return "all but MCP handshakes"
