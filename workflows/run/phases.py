"""A run's phases: each shown while it lasts, gone through once, and its outcome carried into a new history."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, get_type_hints

from pydantic import TypeAdapter
from temporalio import workflow

from contracts.search_attributes import COST_USD, RUN_PHASE
from telemetry import spans
from workflows import steps
from workflows.run.agent_run import AgentRun
from workflows.run.holding import held

R = TypeVar("R", bound=AgentRun)
P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[R, P], Coroutine[Any, Any, T]]


def phase(method: Method[R, P, T]) -> Method[R, P, T]:
    """A phase of the run, named as its method: for all to see while it lasts, and gone through once.

    What comes of it is kept as JSON, by the method's return type, and carried when the run goes on in a new history.
    """
    name = method.__name__
    outcome: TypeAdapter[T] = TypeAdapter(get_type_hints(method)["return"])

    @wraps(method)
    async def once(run: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if name in run.finished:
            return outcome.validate_python(run.finished[name])
        await held(run)
        async with _shown(run, name):
            value = await method(run, *args, **kwargs)
        run.finished[name] = outcome.dump_python(value, mode="json")
        return value

    return once


@asynccontextmanager
async def _shown(run: AgentRun, name: str) -> AsyncIterator[None]:
    """In the Temporal UI, the farm's record and the trace."""
    run.phase = name
    workflow.upsert_search_attributes([RUN_PHASE.value_set(name), COST_USD.value_set(run.meter.cost_usd)])
    await steps.record_run(run.record("running"))
    with spans.step_span(name):
        yield
