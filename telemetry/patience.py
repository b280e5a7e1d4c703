"""A trace store that is away, or still starting, costs no spans and holds nobody up."""

import logging
from collections import deque
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

log = logging.getLogger(__name__)

KEPT = 10_000
AT_ONCE = 512


class Patient(SpanExporter):
    """Keeps what couldn't be sent, up to `KEPT` spans (the oldest go first), and tries again with the next batch."""

    def __init__(self, inner: SpanExporter, endpoint: str) -> None:
        self._inner = inner
        self._endpoint = endpoint
        self._waiting: deque[ReadableSpan] = deque(maxlen=KEPT)
        self._away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._waiting.extend(spans)
        while self._waiting:
            batch = list(self._waiting)[:AT_ONCE]
            if self._inner.export(batch) is not SpanExportResult.SUCCESS:
                self._tell(away=True)
                return SpanExportResult.FAILURE
            for _ in batch:
                self._waiting.popleft()
        self._tell(away=False)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        if self._waiting:
            log.warning("%d spans were not sent to %s", len(self._waiting), self._endpoint)
        self._inner.shutdown()

    def _tell(self, *, away: bool) -> None:
        if away != self._away:
            self._away = away
            state = "does not answer: spans are kept and sent later" if away else "answers again"
            log.warning("the trace store at %s %s", self._endpoint, state)
