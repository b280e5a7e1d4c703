"""What every agent's run holds: its kit, its meter, its questions, its step names; and who may talk to it.

An agent's own workflow derives from `AgentRun` and spells its steps in `run`.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import workflow

from contracts import names
from contracts.agents import AgentSpec, Kit
from contracts.approvals import ApprovalRequest, Decision, DecisionReceipt
from contracts.calls import CallSite, RunRecord, RunStatus, ToolCall, ToolReply
from contracts.effects import effect_key
from contracts.workflows import FollowUp, RunInput
from workflows import steps
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
        self.asides: list[asyncio.Task[None]] = []
        self.posts: dict[str, asyncio.Task[ToolReply]] = {}
        """Approval id -> the message that asks, being posted or posted."""

        self.troubles: list[str] = []
        """What went wrong and didn't stop the run: told in its record."""

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
        """Change something with a tool of the farm's own servers."""
        return await steps.call_tool(self.effect(step, server, tool, arguments), tool)

    async def tell(self, step: str, tool: str, patience: timedelta, **arguments: JsonValue) -> ToolReply:
        """Post or change a Slack message, for as long as it is of use."""
        return await steps.call_tool(self.effect(step, "slack", tool, arguments), tool, patience)

    def effect(self, step: str, server: str, tool: str, arguments: dict[str, JsonValue]) -> ToolCall:
        """A call that changes something. The farm's own servers do the work of one effect key once."""
        site = self.site(step)
        key = effect_key(site, names.model_tool_name(server, tool), arguments)
        return ToolCall(site=site, server=server, tool=tool, arguments=arguments, effect_key=key, repeatable=True)

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the run; only its end waits for it."""
        self.asides.append(asyncio.create_task(work))

    def note_trouble(self, what: str, reply: ToolReply) -> None:
        """Keep for the record what went wrong without stopping the run; nothing where the reply is no error."""
        if reply.is_error:
            self.troubles.append(f"{what}: {reply.preview}")

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
