"""The frame of a run: opened and finished; and left in order when it fails or is stopped."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from contracts import names
from contracts.agents import PrepareRun
from contracts.search_attributes import COST_USD, RUN_PHASE
from contracts.workflows import RunOutcome
from telemetry import spans
from workflows import steps
from workflows.failures import root_cause
from workflows.people import blocks, inquiring
from workflows.people.asking import withdraw_questions
from workflows.people.strict import unruled
from workflows.run import delegating, farm_tools
from workflows.run.afterwards import go_on
from workflows.run.agent_run import AgentRun

STRICT = "an-agent-has-a-rule-for-whatever-may-change-something"
"""Runs of before go on without: what has no rule is asked about."""

COST_OF_FAILURE = "a-run-that-failed-shows-what-it-cost"


@asynccontextmanager
async def opened(run: AgentRun, *answers: type[BaseModel]) -> AsyncIterator[None]:
    """The whole run: one AGENT span around it, prompts, tools and the schemas of `answers` pinned at its start.

    A run that goes on in a new history has them already, and gets a span for what is left of it. What it goes on with
    when it is over gets none: the run has its one, and its record says already what became of it.
    """
    if run.job.later:
        yield
        return
    told = run.job.task or "; ".join(event.summary for event in run.job.events)
    with spans.agent_span(run.spec.name, said=told[:1000], events=len(run.job.events)) as span:
        run.trace_id = spans.trace_id()
        try:
            if run.job.carried is None:
                _require_its_name(run)
                run.kit = await steps.prepare_run(_order(run, answers))
                run.desk.policy = run.policy
                _require_rules(run)
                if run.known.tainted:
                    run.show_taint()
            yield
        except (Exception, asyncio.CancelledError) as failure:
            await _leave_in_order(run, failure)
            raise
        spans.answered(span, run.phase)


async def finish(run: AgentRun, outcome: RunOutcome) -> RunOutcome:
    """Wait for what runs aside, close the run's record, and begin what nobody waits for."""
    await asyncio.gather(*run.asides)
    # Whoever decides at this very moment is told that it was too late.
    await workflow.wait_condition(workflow.all_handlers_finished)
    run.phase = outcome.status
    workflow.upsert_search_attributes([RUN_PHASE.value_set(run.phase), COST_USD.value_set(run.meter.cost_usd)])
    if unheard := [word.text for word in run.reins.steered]:
        run.troubles.append(f"said too late for the agent to hear: {'; '.join(unheard)}")
    reason = "; ".join([outcome.reason, *blocks.stood_in(run.standbys), *run.troubles])
    await steps.record_run(run.record(outcome.status, reason, outcome.report))
    if not run.job.later:
        await go_on(run)
    told: dict[str, Any] = {"reason": reason, "used": run.meter.used, "heard": tuple(run.heard)}
    told |= {"follow_up": run.follow_up, "called_off": run.called_off}
    told |= {"tainted": run.known.tainted, "suspicious": run.known.suspicious}
    if run.job.task:
        told |= {"ref": await steps.keep_text(json.dumps(outcome.report, ensure_ascii=False)), "report": {}}
    return outcome.model_copy(update=told)


async def _leave_in_order(run: AgentRun, failure: BaseException) -> None:
    """No question stays open that nobody waits for any more, and the record says what became of the run."""
    await withdraw_questions(run)
    await asyncio.gather(*run.asides)
    if workflow.patched(COST_OF_FAILURE):
        workflow.upsert_search_attributes([COST_USD.value_set(run.meter.cost_usd)])
    await steps.record_run(run.record("failed", str(root_cause(failure)) or "cancelled"))


def _require_its_name(run: AgentRun) -> None:
    """Whoever works on the run's calls reads from its name whose they are."""
    agent, entity = run.spec.name, str(run.job.entity)
    with suppress(ValueError):
        if names.run_owner(run.run_id) == (agent, entity):
            return
    right = names.run_workflow_id(names.entity_workflow_id(agent, run.job.entity), run.job.number)
    told = f"{run.run_id!r} is no name for a run of {agent} for {entity}: {right} would be"
    raise ApplicationError(told, type="permanent", non_retryable=True)


def _require_rules(run: AgentRun) -> None:
    """The worker has looked at its start; a server may have got a tool since."""
    # Asked in this order: only where something is missing does a history tell which way it went.
    if (flaw := unruled(run.spec.name, run.policy, run.kit.tools)) and workflow.patched(STRICT):
        raise ApplicationError(flaw, type="permanent", non_retryable=True)


def _order(run: AgentRun, answers: tuple[type[BaseModel], ...]) -> PrepareRun:
    schemas: dict[str, Any] = {answer.__name__: answer.model_json_schema() for answer in answers}
    own = (*farm_tools.definitions(run.spec), inquiring.DEFINITION, *delegating.definitions(run.spec.delegates))
    return PrepareRun(
        agent=run.spec.name,
        tool_servers=run.spec.tool_servers,
        schemas=schemas,
        farm_tools=own,
        run=run.run_id,
        job=run.job.model_dump(mode="json", exclude={"events", "carried"}, exclude_defaults=True),
    )
