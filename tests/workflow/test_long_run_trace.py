"""The trace of a run that went on in new histories."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider

from contracts.converter import data_converter
from tests.fakes import FakeFarm, says, uses
from tests.workflow.teamwork import lead, server

NOTE = uses(("crm__add_note", {"deal_id": 42, "content": "x"}))


@pytest.mark.slow
async def test_one_trace_over_all_histories(monkeypatch):
    """An AGENT span for each history, all in one trace; going on in a new history is no error of the old one."""
    spans = InMemorySpanExporter()
    provider = create_tracer_provider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    farm = FakeFarm({"lead": [*[NOTE] * 20, says('{"text": "forty-two"}')]})
    async with server() as env:
        client = await Client.connect(
            env.client.service_client.config.target_host,
            data_converter=data_converter,
            plugins=[OpenTelemetryPlugin()],
        )
        async with lead(client, farm) as job:
            await job.outcome()
            histories = len(await job.histories())
    agents = [each for each in spans.get_finished_spans() if each.attributes["openinference.span.kind"] == "AGENT"]
    assert histories > 2
    assert len(agents) == histories
    assert len({each.context.trace_id for each in agents}) == 1
    assert {each.status.status_code for each in spans.get_finished_spans()} == {StatusCode.UNSET}
