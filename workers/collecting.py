"""The agent's collector, there as long as its pool is: begun where there is none, and told how to gather."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from contracts import names
from contracts.agents import AgentSpec, Batching
from contracts.batches import CollectorState


def batching(spec: AgentSpec, quiet_s: float | None) -> Batching | None:
    """As the agent declares it; `quiet_s`, where the environment gives it, in the place of the quiet period."""
    if spec.batching is None or quiet_s is None:
        return spec.batching
    return spec.batching.model_copy(update={"quiet": timedelta(seconds=quiet_s)})


async def collect(client: Client, spec: AgentSpec, how: Batching | None) -> None:
    """Each worker does so at its start: whichever comes first begins it."""
    if how is None:
        return
    await client.start_workflow(
        names.COLLECTOR,
        CollectorState(agent=spec.name, batching=how),
        id=names.collector_id(spec.name),
        task_queue=names.task_queue(spec.name),
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=names.BATCHING,
        start_signal_args=[how],
        static_summary=f"{spec.name}: requests that aren't urgent, gathered for the vendor's batches",
    )
