import logging
import time
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from telemetry.patience import AT_ONCE, KEPT, Patient
from telemetry.refusal import Refused


class FakeStore(SpanExporter):
    def __init__(self) -> None:
        self.up = True
        self.batches: list[list[str]] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if not self.up:
            return SpanExportResult.FAILURE
        if any(span.name == "poison" for span in spans):
            raise Refused("it answered 400")
        self.batches.append([span.name for span in spans])
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.up = False


def _spans(*names: str) -> list[ReadableSpan]:
    return [ReadableSpan(name) for name in names]


def test_spans_of_an_outage_are_sent_when_the_store_is_back() -> None:
    """In their order, ahead of the newer ones."""
    store = FakeStore()
    patient = Patient(store, "http://store")
    store.up = False
    assert patient.export(_spans("a", "b")) is SpanExportResult.FAILURE
    store.up = True
    assert patient.export(_spans("c")) is SpanExportResult.SUCCESS
    assert store.batches == [["a", "b", "c"]]


def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """A log line per attempt would bury the rest."""
    caplog.set_level(logging.WARNING)
    store = FakeStore()
    patient = Patient(store, "http://store")
    store.up = False
    for _ in range(3):
        patient.export(_spans("a"))
    store.up = True
    patient.export(_spans("b"))
    assert len(caplog.records) == 2


def test_a_long_outage_keeps_the_newest_spans() -> None:
    """Memory is bounded; the oldest go first."""
    store = FakeStore()
    patient = Patient(store, "http://store")
    store.up = False
    patient.export(_spans(*(str(n) for n in range(KEPT + 1))))
    store.up = True
    patient.export([])
    sent = [name for batch in store.batches for name in batch]
    assert (len(sent), sent[0]) == (KEPT, "1")


def test_a_backlog_goes_in_portions() -> None:
    """One request of ten thousand spans would be refused as too large."""
    store = FakeStore()
    Patient(store, "http://store").export(_spans(*(str(n) for n in range(AT_ONCE + 1))))
    assert [len(batch) for batch in store.batches] == [AT_ONCE, 1]


def test_kept_spans_go_out_though_nothing_new_comes() -> None:
    """A process that went quiet during an outage still sends what it kept."""
    store = FakeStore()
    patient = Patient(store, "http://store", retry_s=0.01)
    store.up = False
    patient.export(_spans("a"))
    store.up = True
    end = time.monotonic() + 5
    while not store.batches and time.monotonic() < end:
        time.sleep(0.01)
    assert store.batches == [["a"]]


def test_the_end_of_a_process_is_one_more_try() -> None:
    """What was kept leaves with the process, where the store is back."""
    store = FakeStore()
    patient = Patient(store, "http://store", retry_s=60)
    store.up = False
    patient.export(_spans("a"))
    store.up = True
    patient.shutdown()
    assert store.batches == [["a"]]


def test_what_the_store_will_never_take_does_not_stand_in_the_way(caplog: pytest.LogCaptureFixture) -> None:
    """The batch is lost, in one line of the log, and later ones go out."""
    store = FakeStore()
    patient = Patient(store, "http://store")
    patient.export(_spans("poison"))
    assert patient.export(_spans("a")) is SpanExportResult.SUCCESS
    assert store.batches == [["a"]]
    assert [record.message for record in caplog.records] == [
        "1 spans are lost: the trace store at http://store won't have them: it answered 400"
    ]
