"""A deal that takes events like any, and runs that write down what they got; one is held up where an event says so."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts.agents import Debounce
    from contracts.calls import RunRecord
    from contracts.workflows import EntityState, RunInput, RunOutcome
    from workflows import steps
    from workflows.entity.entity import EntityWorkflow
    from workflows.sales.agent import SALES

QUICK = SALES.model_copy(update={"debounce": Debounce(quiet=timedelta(seconds=2), longest=timedelta(seconds=20))})
HOLD = "hold"


@workflow.defn(name=SALES.entity_workflow)
class HeldDeal(EntityWorkflow):
    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(QUICK, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()


@workflow.defn(name=SALES.run_workflow)
class HeldRun:
    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        record = RunRecord(
            run=workflow.info().workflow_id,
            agent=job.agent,
            entity=str(job.entity),
            status="running",
            phase="thinking",
            at=workflow.now(),
            events=tuple(event.model_dump(mode="json") for event in job.events),
        )
        await steps.record_run(record)
        await workflow.wait_condition(lambda: not any(event.summary == HOLD for event in job.events))
        await steps.record_run(record.model_copy(update={"status": "done", "phase": "done", "at": workflow.now()}))
        return RunOutcome(status="done")
