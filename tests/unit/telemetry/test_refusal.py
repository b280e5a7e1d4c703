"""The real exporter against a trace store that answers what a test says."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult
from phoenix.otel import HTTPSpanExporter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telemetry.refusal import Outspoken, Refused
from tests.serving import served


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    async def answer(request: Request) -> Response:
        return Response(status_code=int(request.path_params["status"]))

    with served(Starlette(routes=[Route("/{status}/v1/traces", answer, methods=["POST"])])) as url:
        yield url


def export(url: str, **how: int) -> SpanExportResult:
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("a") as span:
        pass
    assert isinstance(span, ReadableSpan)
    exporter = Outspoken(lambda line: HTTPSpanExporter(endpoint=url, timeout=1, session=line, **how))
    try:
        return exporter.export([span])
    finally:
        exporter.shutdown()


@pytest.mark.parametrize("status", [400, 401, 404, 413, 415, 422])
def test_a_lasting_refusal_is_said(store: str, status: int) -> None:
    """The same spans would get the same answer."""
    with pytest.raises(Refused, match=f"it answered {status}"):
        export(f"{store}/{status}/v1/traces")


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_passing_refusal_is_a_failure(store: str, status: int) -> None:
    """To be sent again."""
    assert export(f"{store}/{status}/v1/traces") is SpanExportResult.FAILURE


def test_a_store_that_is_not_there_is_a_failure() -> None:
    """It may come."""
    assert export("http://127.0.0.1:9/v1/traces") is SpanExportResult.FAILURE


def test_spans_that_are_never_sent_are_said(store: str) -> None:
    """The exporter drops what is larger than its limit without asking anybody."""
    with pytest.raises(Refused, match="would not send it"):
        export(f"{store}/200/v1/traces", max_request_size=1)


def test_what_is_taken_is_a_success(store: str) -> None:
    """Nothing is said of it."""
    assert export(f"{store}/200/v1/traces") is SpanExportResult.SUCCESS
