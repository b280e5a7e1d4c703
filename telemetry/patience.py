"""A trace store that is away, or still starting, costs no spans and holds nobody up."""

import logging
import threading
from collections import deque
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from telemetry.refusal import Refused

log = logging.getLogger(__name__)

KEPT = 10_000
AT_ONCE = 512


class Patient(SpanExporter):
    """Keeps what couldn't be sent, up to `KEPT` spans (the oldest go first), and tries again every `retry_s`.

    What `inner` says will never be taken (Refused) is dropped with a line in the log.
    """

    def __init__(self, inner: SpanExporter, endpoint: str, retry_s: float = 2) -> None:
        self._inner = inner
        self._endpoint = endpoint
        self._waiting: deque[ReadableSpan] = deque(maxlen=KEPT)
        self._away = False
        self._turn = threading.Lock()
        self._ended = threading.Event()
        # A process that has gone quiet exports no more, so the next batch can't be what brings the kept ones along.
        threading.Thread(target=self._try_again, args=(retry_s,), name="kept-spans", daemon=True).start()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._turn:
            self._waiting.extend(spans)
            return self._send()

    def shutdown(self) -> None:
        """One last try, then say what is lost."""
        self._ended.set()
        with self._turn:
            if self._send() is not SpanExportResult.SUCCESS:
                log.warning("%d spans were not sent to %s", len(self._waiting), self._endpoint)
        self._inner.shutdown()

    def _try_again(self, every_s: float) -> None:
        while not self._ended.wait(every_s):
            with self._turn:
                self._send()

    def _send(self) -> SpanExportResult:
        while self._waiting:
            batch = list(self._waiting)[:AT_ONCE]
            try:
                if self._inner.export(batch) is not SpanExportResult.SUCCESS:
                    self._tell(away=True)
                    return SpanExportResult.FAILURE
            except Refused as why:
                # Kept, it would stand in the way of all that come after it.
                lost = "%d spans are lost: the trace store at %s won't have them: %s"
                log.warning(lost, len(batch), self._endpoint, why)
            for _ in batch:
                self._waiting.popleft()
        self._tell(away=False)
        return SpanExportResult.SUCCESS

    def _tell(self, *, away: bool) -> None:
        if away != self._away:
            self._away = away
            state = "does not answer: spans are kept and sent later" if away else "answers again"
            log.warning("the trace store at %s %s", self._endpoint, state)
