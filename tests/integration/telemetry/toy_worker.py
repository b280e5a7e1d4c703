"""The toy's worker as a process, told apart by its environment alone."""

import asyncio
import os
import signal
from datetime import timedelta

from temporalio.client import Client
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from telemetry import setup
from tests.integration.telemetry.toy import QUEUE, ToyEntity, ToyRun, ask_model, use_tool

# the toy's activities and workflows share a file, so their libraries have to pass the sandbox
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("fastmcp", "gateway", "contracts", "telemetry")
)


async def main() -> None:
    with setup.telemetry("agent-toy", os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]):
        setup.instrument_anthropic()
        client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], plugins=[OpenTelemetryPlugin()])
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[ToyEntity, ToyRun],
            activities=[ask_model, use_tool],
            workflow_runner=RUNNER,
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        ):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
