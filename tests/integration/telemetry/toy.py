"""A farm in small: an entity that lives long, a run a time, one model call, one tool call, a wait between them."""

import os
from datetime import timedelta

from fastmcp import Client
from temporalio import activity, workflow

from gateway.calls.call import Call
from gateway.calls.client import Gateway
from telemetry.spans import agent_span, answered, event_context, step_span, trace_id

QUEUE = "toy"
SECONDS = timedelta(seconds=30)


@workflow.defn
class ToyEntity:
    def __init__(self) -> None:
        self.events: list[str] = []

    @workflow.signal
    def event(self, traceparent: str) -> None:
        self.events.append(traceparent)

    @workflow.run
    async def run(self, runs: int) -> list[str]:
        traces = []
        for number in range(runs):
            await workflow.wait_condition(lambda: bool(self.events))
            run_id = f"{workflow.info().workflow_id}/run-{number + 1}"
            with event_context(self.events.pop(0), agent="toy", entity="deal:42", run=run_id):
                traces.append(await workflow.execute_child_workflow(ToyRun.run, id=run_id))
        return traces


@workflow.defn
class ToyRun:
    def __init__(self) -> None:
        self.approved = False

    @workflow.signal
    def approve(self) -> None:
        self.approved = True

    @workflow.query
    def waits(self) -> bool:
        return not self.approved

    @workflow.run
    async def run(self) -> str:
        with agent_span("toy", said="new mail from the client", events=1) as span:
            with step_span("orchestrate"):
                await workflow.execute_activity(ask_model, start_to_close_timeout=SECONDS)
                await workflow.wait_condition(lambda: self.approved)
                await workflow.execute_activity(use_tool, start_to_close_timeout=SECONDS)
            answered(span, "done")
            return trace_id()


@activity.defn
async def ask_model() -> str:
    gateway = Gateway(os.environ["FARM_GATEWAY_URL"], os.environ["FARM_GATEWAY_KEY"])
    messages = ({"role": "user", "content": "A long history. " * 3000},)
    call_id = f"{activity.info().workflow_id}/{activity.info().activity_id}"
    try:
        answer = await gateway.complete(
            Call(role="orchestrator", system="You help.", messages=messages, call_id=call_id)
        )
    finally:
        await gateway.close()
    return answer.text


@activity.defn
async def use_tool() -> str:
    with step_span("toy.look", kind="TOOL", said='{"deal_id": 42}') as span:
        async with Client(os.environ["TOY_SERVER"]) as client:
            result = await client.call_tool("look", {"deal_id": 42})
        answered(span, str(result.data))
    return str(result.data)
