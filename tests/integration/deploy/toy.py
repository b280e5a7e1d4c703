"""A toy agent in two versions: they answer differently, so that each step shows by whose code it was taken."""

from datetime import timedelta

from temporalio import activity, workflow

from contracts import names
from contracts.agents import AgentSpec, Debounce
from contracts.approvals import Decision
from contracts.calls import RunRecord
from contracts.steering import Pause
from contracts.workflows import EntityState, EntityWorkflowId, RunInput, RunNumber, RunOutcome
from workflows import steps
from workflows.entity.entity import EntityWorkflow

TOY = AgentSpec(
    name="toy",
    entity_workflow="ToyDeal",
    run_workflow="ToyRun",
    listens=(),
    tool_servers=(),
    debounce=Debounce(quiet=timedelta(seconds=0.3), longest=timedelta(seconds=5)),
)


@workflow.defn(name=TOY.entity_workflow)
class ToyDeal(EntityWorkflow):
    """The farm's own entity workflow, and nothing added."""

    @workflow.init
    def __init__(self, state: EntityState) -> None:
        super().__init__(TOY, state)

    @workflow.run
    async def run(self, state: EntityState) -> None:
        await self.serve()


class ToyRun:
    """Notes its code's version, waits for a person, notes it again. A pause makes it go on in a new history."""

    code = ""

    def __init__(self) -> None:
        self.decided = False
        self.long = False

    @workflow.signal(name=names.PAUSE)
    def pause(self, pause: Pause) -> None:
        self.long = True

    @workflow.signal(name=names.DECIDE)
    def decide(self, decision: Decision) -> None:
        self.decided = True

    async def work(self, job: RunInput) -> RunOutcome:
        await self._note(job, "begun")
        await workflow.wait_condition(lambda: self.decided or self.long)
        if self.long:
            workflow.continue_as_new(job)
        await self._note(job, "ended")
        return RunOutcome(status="done", reason=self.code)

    async def _note(self, job: RunInput, phase: str) -> None:
        await steps.record_run(
            RunRecord(
                run=workflow.info().workflow_id,
                agent=TOY.name,
                entity=str(job.entity),
                status="running",
                phase=phase,
                at=workflow.now(),
                reason=self.code,
                events=tuple(event.model_dump(mode="json") for event in job.events),
            )
        )


@workflow.defn(name=TOY.run_workflow)
class RunV1(ToyRun):
    code = "v1"

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        return await self.work(job)


@workflow.defn(name=TOY.run_workflow)
class RunV2(ToyRun):
    """Doesn't fit a history of v1: it takes a moment before it begins."""

    code = "v2"

    @workflow.run
    async def run(self, job: RunInput) -> RunOutcome:
        await workflow.sleep(timedelta(milliseconds=10))
        return await self.work(job)


class Book:
    """What the runs noted, kept by the workers of every version."""

    def __init__(self) -> None:
        self.notes: list[RunRecord] = []

    @activity.defn(name=names.NEXT_RUN)
    async def next_run(self, entity: EntityWorkflowId) -> RunNumber:
        runs = {note.run for note in self.notes if note.run.startswith(f"{entity.workflow_id}/")}
        return RunNumber(number=len(runs) + 1)

    @activity.defn(name=names.RECORD_RUN)
    async def record_run(self, record: RunRecord) -> None:
        self.notes.append(record)

    def story(self, run: str) -> list[tuple[str, str]]:
        """What a run noted: `("begun", "v1")`."""
        return [(note.phase, note.reason) for note in self.notes if note.run == run]

    def events(self) -> list[str]:
        """The ids of all events that some run began with."""
        return [event["id"] for note in self.notes if note.phase == "begun" for event in note.events]
