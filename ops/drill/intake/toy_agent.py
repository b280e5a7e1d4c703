"""The sales agent's pool for `drill intake` and `bench intake`: its real entity workflow, and a run that only
writes down which events it got.

The starter before it is the real one and knows no other agent, so the workflows go by the real agent's names.
"""

from datetime import timedelta

from temporalio import workflow

from contracts.agents import Debounce
from contracts.calls import RunRecord
from contracts.workflows import EntityState, RunInput, RunOutcome
from workflows import steps
from workflows.entity.entity import EntityWorkflow
from workflows.sales.agent import SALES

QUICK = SALES.model_copy(
    update={"debounce": Debounce(quiet=timedelta(seconds=3), longest=timedelta(seconds=30), most=1000)}
)


@workflow.defn(name=SALES.entity_workflow)
class IntakeDeal(EntityWorkflow):
    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(QUICK, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:  # noqa: ARG002  Temporal gives it to both
        await self.serve()


@workflow.defn(name=SALES.run_workflow)
class IntakeRun:
    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        record = RunRecord(
            run=workflow.info().workflow_id,
            agent=job.agent,
            entity=str(job.entity),
            status="done",
            phase="done",
            at=workflow.now(),
            events=tuple(event.model_dump(mode="json") for event in job.events),
        )
        await steps.record_run(record)
        return RunOutcome(status="done")
