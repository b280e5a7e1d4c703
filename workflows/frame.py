"""The frame of a run: opened, divided into phases, finished; and left in order when it fails or is stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import BaseModel
from temporalio import workflow

from contracts.agents import PrepareRun
from contracts.search_attributes import COST_USD, RUN_PHASE
from contracts.workflows import RunOutcome
from telemetry import spans
from workflows import farm_tools, steps
from workflows.agent import AgentRun
from workflows.asking import withdraw_questions
from workflows.failures import root_cause


@asynccontextmanager
async def opened(run: AgentRun, *answers: type[BaseModel]) -> AsyncIterator[None]:
    """The whole run: one AGENT span around it, prompts, tools and the schemas of `answers` pinned at its start."""
    told = "; ".join(event.summary for event in run.job.events)
    with spans.agent_span(run.spec.name, said=told[:1000], events=len(run.job.events)) as span:
        run.trace_id = spans.trace_id()
        try:
            run.kit = await steps.prepare_run(_order(run, answers))
            yield
        except (Exception, asyncio.CancelledError) as failure:
            await _leave_in_order(run, failure)
            raise
        spans.answered(span, run.phase)


@asynccontextmanager
async def in_phase(run: AgentRun, phase: str) -> AsyncIterator[None]:
    """One phase of the run, for all to see: in the Temporal UI, the farm's record and the trace."""
    run.phase = phase
    workflow.upsert_search_attributes([RUN_PHASE.value_set(phase), COST_USD.value_set(run.meter.cost_usd)])
    await steps.record_run(run.record("running"))
    with spans.step_span(phase):
        yield


async def finish(run: AgentRun, outcome: RunOutcome) -> RunOutcome:
    """Wait for what runs aside, and close the run's record."""
    await asyncio.gather(*run.asides)
    run.phase = outcome.status
    workflow.upsert_search_attributes([RUN_PHASE.value_set(run.phase), COST_USD.value_set(run.meter.cost_usd)])
    reason = "; ".join([outcome.reason, *run.troubles])
    await steps.record_run(run.record(outcome.status, reason, outcome.report))
    return outcome.model_copy(update={"reason": reason, "follow_up": run.follow_up, "cost_usd": run.meter.cost_usd})


async def _leave_in_order(run: AgentRun, failure: BaseException) -> None:
    """No question stays open that nobody waits for any more, and the record says what became of the run."""
    await withdraw_questions(run)
    await asyncio.gather(*run.asides)
    await steps.record_run(run.record("failed", str(root_cause(failure)) or "cancelled"))


def _order(run: AgentRun, answers: tuple[type[BaseModel], ...]) -> PrepareRun:
    return PrepareRun(
        agent=run.spec.name,
        tool_servers=run.spec.tool_servers,
        schemas={answer.__name__: answer.model_json_schema() for answer in answers},
        farm_tools=farm_tools.DEFINITIONS,
    )
