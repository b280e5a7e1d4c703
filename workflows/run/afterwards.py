"""A phase that nobody waits for: the run reports, ends, and goes on with it in a history of its own.

So its entity's next run needn't wait for a vendor's batch, which may take a day. What is done there is done as the run,
under its name and on its account.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from contracts import names
from contracts.search_attributes import RUN_PHASE
from telemetry import spans
from workflows.failures import root_cause
from workflows.run.agent_run import AgentRun
from workflows.run.phases import phase
from workflows.run.rotation import carried

R = TypeVar("R", bound=AgentRun)
P = ParamSpec("P")
Method = Callable[Concatenate[R, P], Coroutine[Any, Any, None]]

LAST = 4
"""Of Temporal's five levels the last but one: where the pool is behind, what somebody waits for goes first."""


def afterwards(role: str) -> Callable[[Method[R, P]], Method[R, P]]:
    """A phase of the run like any other, unless `role`, which thinks in it, can be asked in batches."""

    def as_such(method: Method[R, P]) -> Method[R, P]:
        name, at_once = method.__name__, phase(method)

        @wraps(method)
        async def done(run: R, /, *args: P.args, **kwargs: P.kwargs) -> None:
            if run.job.later == name:
                await _gone_through(run, name, method(run, *args, **kwargs))
            elif run.spec.batching is not None and role in run.kit.batched:
                run.put_off.append(name)
            else:
                await at_once(run, *args, **kwargs)

        return done

    return as_such


async def _gone_through(run: AgentRun, name: str, work: Coroutine[Any, Any, None]) -> None:
    """The run's record says that it is done, and so it stays: what fails here is a trouble of it."""
    run.phase = name
    workflow.upsert_search_attributes([RUN_PHASE.value_set(name)])
    with spans.step_span(name):
        try:
            await work
        except FailureError as failure:
            if is_cancelled_exception(failure):
                raise
            run.troubles.append(f"{name} failed: {root_cause(failure)}")


async def go_on(run: AgentRun) -> None:
    """Begin what was put off. The run is over when this has begun, and doesn't stop it by ending."""
    # What was said too late for the run is on its record, and isn't said again.
    state = carried(run, None).model_copy(update={"steered": (), "came": ()})
    for name in run.put_off:
        job = run.job.model_copy(update={"carried": state, "later": name})
        part = names.later_part_id(run.run_id, name)
        try:
            await workflow.start_child_workflow(
                run.spec.run_workflow,
                job,
                id=part,
                parent_close_policy=ParentClosePolicy.ABANDON,
                search_attributes=run.found_by(run.spec.name),
                static_summary=f"{name}, which nobody waits for",
                priority=Priority(priority_key=LAST, fairness_key=workflow.info().priority.fairness_key),
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("%s is under way already", part)
