"""What the OTLP exporter keeps to itself: that a batch will never be taken, however often it is sent."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import requests
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

COME_BACK = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class Refused(Exception):
    """A batch that no repetition will bring home; says why."""


class _Line(requests.Session):
    """The exporter's connection, which remembers what became of the last export."""

    def __init__(self) -> None:
        super().__init__()
        self.hang_up()

    def hang_up(self) -> None:
        self.used = False
        self.status = 0

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.used, self.status = True, 0
        response = super().request(*args, **kwargs)
        self.status = response.status_code
        return response


class Outspoken(SpanExporter):
    """An OTLP/HTTP exporter that raises Refused where the batch is at fault, and fails where the store is away.

    `exporter` makes it over a `requests.Session`, as the exporter's own parameter `session` wants it.
    """

    def __init__(self, exporter: Callable[[requests.Session], SpanExporter]) -> None:
        self._line = _Line()
        self._inner = exporter(self._line)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._line.hang_up()
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS and (why := self._refusal()):
            raise Refused(why)
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def _refusal(self) -> str:
        if not self._line.used:  # it couldn't be encoded, or is larger than the exporter sends
            return "the exporter would not send it"
        status = self._line.status
        is_final = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in COME_BACK
        return f"it answered {status}" if is_final else ""
