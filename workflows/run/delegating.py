"""Giving a task to a sub-agent: a child workflow in its own pool, paid from this run's budget, read by reference."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from contracts import names
from contracts.agents import Delegate, Limits
from contracts.calls import ToolResultRef, ToolUse
from contracts.workflows import RunInput, RunOutcome
from workflows import steps
from workflows.failures import root_cause
from workflows.run.agent_run import AgentRun


@dataclass(frozen=True)
class Errand:
    """A task on its way: who does it, under which workflow id, with what budget."""

    run_id: str
    to: Delegate
    task: str
    share: Limits


NOT_ENOUGH = "The budget of this run has nothing left for a sub-agent. Do it yourself, or do without."


class Task(BaseModel):
    """Give a task to a colleague, and get a report. Independent tasks asked in one turn are worked on at once."""

    model_config = ConfigDict(extra="forbid")
    agent: str = Field(description="Who is to do it")
    task: str = Field(min_length=1, max_length=8000, description="All that they need to know: they see nothing else")


def definitions(delegates: Sequence[Delegate]) -> tuple[dict[str, JsonValue], ...]:
    """The tool as the model gets it, with who there is and for what; nothing where there is nobody."""
    if not delegates:
        return ()
    who = "\n".join(f"- {each.agent}: {each.use_for}" for each in delegates)
    schema = Task.model_json_schema()
    return ({"name": names.DELEGATE, "description": f"{Task.__doc__}\n\n{who}", "input_schema": schema},)


async def delegate(run: AgentRun, step: str, use: ToolUse) -> ToolResultRef:
    """Have a task done. Whatever goes wrong with it is told to the model."""
    try:
        task = Task.model_validate(use.arguments)
    except ValidationError as error:
        return _told(use, str(error))
    chosen = next((each for each in run.spec.delegates if each.agent == task.agent), None)
    if chosen is None:
        known = ", ".join(each.agent for each in run.spec.delegates) or "nobody"
        return _told(use, f"There is no sub-agent {task.agent!r}. There is: {known}.")
    async with run.delegating:
        share = run.meter.lend(chosen.limits, workflow.now())
        if share is None:
            return _told(use, NOT_ENOUGH)
        name = names.sub_run_workflow_id(run.run_id, step, chosen.agent)
        return await _done(run, use, Errand(name, chosen, task.task, share))


async def _done(run: AgentRun, use: ToolUse, errand: Errand) -> ToolResultRef:
    try:
        outcome = await _execute(run, errand)
    except ChildWorkflowError as failure:
        # A failure tells no figures; the ledger has them, whatever became of the run.
        run.meter.settle(errand.share, await steps.read_used(errand.run_id))
        if is_cancelled_exception(failure) and workflow.cancellation_reason() is not None:
            raise
        return _told(use, f"{errand.to.agent} failed: {root_cause(failure)}")
    run.meter.settle(errand.share, outcome.used)
    if outcome.tainted:
        run.taint(f"{errand.to.agent}: {outcome.tainted}")
    if outcome.suspicious:
        run.suspect(f"{errand.to.agent}: {outcome.suspicious}")
    return ToolResultRef(tool_use_id=use.id, ref=outcome.ref, text="" if outcome.ref else outcome.reason)


async def _execute(run: AgentRun, errand: Errand) -> RunOutcome:
    """Cancelled with this run, and waited for, so that it leaves in order."""
    job = RunInput(
        agent=errand.to.agent,
        entity=run.job.entity,
        number=run.job.number,
        events=run.job.events,
        task=errand.task,
        limits=errand.share,
        tainted=run.known.tainted,
        suspicious=run.known.suspicious,
        as_of=run.now() if run.job.as_of else None,
    )
    outcome: RunOutcome = await workflow.execute_child_workflow(
        errand.to.run_workflow,
        job,
        id=errand.run_id,
        task_queue=names.task_queue(errand.to.agent),
        result_type=RunOutcome,
        cancellation_type=ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        search_attributes=run.found_by(errand.to.agent),
        static_summary=f"{errand.to.agent}: {errand.task[:100]}",
    )
    return outcome


def _told(use: ToolUse, text: str) -> ToolResultRef:
    return ToolResultRef(tool_use_id=use.id, text=text, is_error=True)
