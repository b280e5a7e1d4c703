"""What every agent's run is made of: its kit, its phases, its step names, its questions to people.

An agent's own workflow derives from `AgentRun` and spells its steps in `run`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, JsonValue
from temporalio import workflow

from contracts import names
from contracts.agents import AgentSpec, Kit, PrepareRun
from contracts.approvals import ApprovalRequest, Decision, DecisionReceipt
from contracts.calls import CallSite, RunRecord, RunStatus, ToolCall, ToolReply
from contracts.effects import effect_key
from contracts.search_attributes import COST_USD, RUN_PHASE
from contracts.workflows import FollowUp, RunInput, RunOutcome
from telemetry import spans
from workflows import farm_tools, steps
from workflows.approvals import Desk
from workflows.budget import Meter


class AgentRun:
    """One run of an agent for one entity."""

    def __init__(self, spec: AgentSpec, job: RunInput) -> None:
        self.spec = spec
        self.job = job
        self.run_id = workflow.info().workflow_id
        self.kit = Kit(prompts={})
        self.meter = Meter(spec.limits)
        self.desk = Desk()
        self.follow_up: FollowUp | None = None
        self.phase = ""
        self.trace_id = ""
        self._steps: Counter[str] = Counter()
        self._asides: list[asyncio.Task[None]] = []

    # -- handlers: they only check and store; `run` does the work --

    @workflow.signal(name=names.DECIDE)
    def decide_by_signal(self, decision: Decision) -> None:
        """Decide from `temporal workflow signal` or `tctl`. Whatever it says of itself, it is an operator's."""
        receipt = self.desk.decide(decision.model_copy(update={"channel": "operator"}), workflow.now())
        if not receipt.accepted:
            workflow.logger.warning("decision by signal refused: %s", receipt.message)

    @workflow.update(name=names.DECIDE)
    def decide(self, decision: Decision) -> DecisionReceipt:
        """Decide, and hear whether it counted."""
        return self.desk.decide(decision, workflow.now())

    @workflow.query(name=names.APPROVALS)
    def open_approvals(self) -> list[ApprovalRequest]:
        return list(self.desk.open())

    @workflow.query(name=names.STATUS)
    def status(self) -> RunRecord:
        return self.record("waiting" if self.desk.open() else "running")

    # -- the frame of a run --

    @asynccontextmanager
    async def opened(self, *answers: type[BaseModel]) -> AsyncIterator[None]:
        """The whole run: one AGENT span around it, prompts, tools and the schemas of `answers` pinned at its start."""
        told = "; ".join(event.summary for event in self.job.events)
        with spans.agent_span(self.spec.name, said=told[:1000], events=len(self.job.events)) as span:
            self.trace_id = spans.trace_id()
            self.kit = await steps.prepare_run(
                PrepareRun(
                    agent=self.spec.name,
                    tool_servers=self.spec.tool_servers,
                    schemas={answer.__name__: answer.model_json_schema() for answer in answers},
                    farm_tools=farm_tools.DEFINITIONS,
                )
            )
            yield
            spans.answered(span, self.phase)

    @asynccontextmanager
    async def in_phase(self, phase: str) -> AsyncIterator[None]:
        """One phase of the run, for all to see: in the Temporal UI, the farm's record and the trace."""
        self.phase = phase
        workflow.upsert_search_attributes([RUN_PHASE.value_set(phase), COST_USD.value_set(self.meter.cost_usd)])
        await steps.record_run(self.record("running"))
        with spans.step_span(phase):
            yield

    async def finish(self, outcome: RunOutcome) -> RunOutcome:
        """Wait for what runs aside, and close the run's record."""
        await asyncio.gather(*self._asides)
        self.phase = outcome.status
        workflow.upsert_search_attributes([RUN_PHASE.value_set(self.phase), COST_USD.value_set(self.meter.cost_usd)])
        await steps.record_run(self.record(outcome.status, outcome.reason, outcome.report))
        return outcome.model_copy(update={"follow_up": self.follow_up, "cost_usd": self.meter.cost_usd})

    def site(self, step: str) -> CallSite:
        return CallSite(agent=self.spec.name, entity=str(self.job.entity), run=self.run_id, step=step)

    def next_step(self, phase: str) -> str:
        """`triage-1`, `orchestrate-1`, `orchestrate-2`: the same on every replay."""
        self._steps[phase] += 1
        return f"{phase}-{self._steps[phase]}"

    # -- tools, for the agent's own steps (the model's tool uses go through `acting`) --

    async def read(self, step: str, server: str, tool: str, **arguments: JsonValue) -> ToolReply:
        """Call a tool that only reads."""
        call = ToolCall(site=self.site(step), server=server, tool=tool, arguments=arguments)
        return await steps.call_tool(call, tool)

    async def write(self, step: str, server: str, tool: str, **arguments: JsonValue) -> ToolReply:
        """Call a tool of the farm's own servers, which do the work of one effect key once."""
        site = self.site(step)
        key = effect_key(site, names.model_tool_name(server, tool), arguments)
        call = ToolCall(site=site, server=server, tool=tool, arguments=arguments, effect_key=key, repeatable=True)
        return await steps.call_tool(call, tool)

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the run; only its end waits for it."""
        self._asides.append(asyncio.create_task(work))

    def record(self, status: RunStatus, reason: str = "", report: dict[str, JsonValue] | None = None) -> RunRecord:
        return RunRecord(
            run=self.run_id,
            agent=self.spec.name,
            entity=str(self.job.entity),
            status=status,
            phase=self.phase,
            at=workflow.now(),
            trace_id=self.trace_id,
            reason=reason,
            cost_usd=self.meter.cost_usd,
            events=tuple(event.model_dump(mode="json") for event in self.job.events),
            report=report or {},
        )
