"""The toy's door: a root span, and the event it brings to the entity. Prints the trace's id."""

import asyncio
import os
import sys

from opentelemetry import trace
from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin

from telemetry import setup
from telemetry.spans import trace_id, traceparent
from tests.integration.telemetry.toy import QUEUE, ToyEntity


async def main(entity: str, runs: int) -> None:
    with setup.telemetry("starter", os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]):
        client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], plugins=[OpenTelemetryPlugin()])
        with trace.get_tracer("toy").start_as_current_span("POST /webhooks/pipedrive"):
            await client.start_workflow(
                ToyEntity.run,
                runs,
                id=entity,
                task_queue=QUEUE,
                start_signal="event",
                start_signal_args=[traceparent()],
            )
            print(trace_id())  # noqa: T201  # the test reads it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
