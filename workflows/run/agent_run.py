"""What every agent's run holds: its kit, its meter, its questions, its step names; and who may talk to it.

An agent's own workflow derives from `AgentRun` and spells its steps in `run`.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from contracts import names
from contracts.agents import AgentSpec, Kit, ToolNature
from contracts.approvals import ApprovalRequest, Decision, DecisionReceipt, Edit, Verdict
from contracts.calls import CallSite, RunRecord, RunStatus, ToolCall, ToolReply
from contracts.effects import effect_key
from contracts.events import Event
from contracts.policy import ApprovalPolicy, Consent
from contracts.search_attributes import AGENT_NAME, ENTITY_ID, TAINTED
from contracts.steering import Pause, Resume, Steer, SteerReceipt, UseModels
from contracts.workflows import FollowUp, RunInput, TalkState, Used
from workflows import steps
from workflows.people.approvals import Desk
from workflows.people.pending import as_now, asked_by
from workflows.people.policy import Circumstances
from workflows.run.budget import Meter
from workflows.run.facts import Known, outside_words, reading
from workflows.run.reins import Reins

EDITS_CHECKED = "an-edit-is-held-against-its-tool"
"""Histories of before take an edit as it comes."""


HELD_TO_POLICY = "an-open-question-is-held-to-newer-policies"
"""Histories of before know one policy, and that is the code's."""

TAINT_SHOWN = "a-run-that-read-what-strangers-wrote-is-shown-as-tainted"


class AgentRun:
    """One run of an agent for one entity. Goes on from `job.carried` where an earlier history left off."""

    def __init__(self, spec: AgentSpec, job: RunInput) -> None:
        self.spec = spec
        self.job = job
        self.limits = job.limits or spec.limits
        self.run_id = workflow.info().workflow_id.removesuffix(f"/{job.later}" if job.later else "")
        carried = job.carried
        self.started_at = carried.started_at if carried else workflow.now()
        self.kit = carried.kit if carried else Kit(prompts={})
        self.meter = Meter(self.limits, self.started_at, carried.used if carried else Used())
        self.desk = Desk({record.request.id: record for record in carried.approvals} if carried else {}, self.policy)
        self.reins = Reins(list(carried.steered), carried.paused_by, list(carried.came)) if carried else Reins()
        self.heard: list[str] = list(carried.heard) if carried else []
        """Keys of the events that came while it was at work. They stand among the job's."""

        self.interventions = carried.interventions if carried else 0
        self.follow_up: FollowUp | None = carried.follow_up if carried else None
        self.called_off = carried.called_off if carried else False
        """What was planned before the run doesn't stand any more."""

        self.finished: dict[str, JsonValue] = dict(carried.finished) if carried else {}
        """Phase -> what came of it."""

        self.left_off: TalkState | None = carried.talk if carried else None
        """The conversation in which the history before this one ended, until it is taken up."""

        self.talks = 0
        """Conversations under way."""

        self.phase = ""
        self.trace_id = ""
        self._steps: Counter[str] = Counter(carried.steps if carried else {})
        self.asides: list[asyncio.Task[None]] = []
        self.posts: dict[str, asyncio.Task[ToolReply]] = {}
        """Approval id -> the message that asks, being posted or posted."""

        self.thread = carried.thread if carried else ""
        """The `ts` of the message in Slack that opened the run's thread."""

        self.opening = asyncio.Lock()
        """Held while the first message is on its way to Slack, so that there is one first."""

        self.delegating = asyncio.Semaphore(self.limits.sub_agents)
        self.pinned: list[str] = list(carried.pinned) if carried else []
        """What the run has done: told to the model word for word when its conversation is summed up."""

        self.known = (
            Known(list(carried.read), carried.tainted, carried.suspicious)
            if carried
            else Known(tainted=job.tainted or outside_words(job.events), suspicious=job.suspicious)
        )
        self.put_off: list[str] = []
        """Phases that nobody waits for: the run goes on with them when it is over."""

        self.settled: set[CallSite] = set()
        """Calls of which a collector says that they wait no more."""

        self.models: dict[str, str] = dict(carried.models) if carried else {}
        """Role -> the model that a person gave it to since the run began."""

        self.standbys: Counter[str] = Counter(carried.standbys if carried else {})
        """`<model> instead of <model>` -> how often: who answered in whose place is told wherever the run is."""

        self.troubles: list[str] = list(carried.troubles) if carried else []
        """What went wrong and didn't stop the run: told in its record."""

    # -- handlers: they only check and store; `run` does the work --

    @workflow.signal(name=names.DECIDE)
    async def decide_by_signal(self, decision: Decision) -> None:
        """Decide from `temporal workflow signal` or `tctl`. Whatever it says of itself, it is an operator's."""
        receipt = await self._decide(decision.model_copy(update={"channel": "operator"}))
        if not receipt.accepted:
            workflow.logger.warning("decision by signal refused: %s", receipt.message)

    @workflow.update(name=names.DECIDE)
    async def decide(self, decision: Decision) -> DecisionReceipt:
        """Decide, and hear whether it counted."""
        return await self._decide(decision)

    async def _decide(self, decision: Decision) -> DecisionReceipt:
        """An edit that its tool would refuse doesn't count: the question stands, and whoever edits can mend it."""
        request = self.desk.asked(decision.approval)
        edited = decision.arguments if decision.verdict is Verdict.EDIT else None
        if edited and request and request.tool in self.kit.tools and workflow.patched(EDITS_CHECKED):
            edit = Edit(tool=request.tool, toolset=self.kit.toolset, arguments=edited)
            if flaw := await steps.check_edit(edit):
                return DecisionReceipt(accepted=False, message=f"the edit doesn't fit {request.tool}: {flaw}")
        if request and (forbidden := await self._held_to_policy(request)):
            return DecisionReceipt(accepted=False, message=f"policy forbids this by now: {forbidden}")
        return self.desk.decide(decision, workflow.now())

    async def _held_to_policy(self, request: ApprovalRequest) -> str:
        """A policy that came since the run began makes an open question stricter, and none easier. Why it is forbidden
        now; empty where it isn't.
        """
        nature = self.kit.tools.get(request.tool)
        if not request.rule or nature is None or not workflow.patched(HELD_TO_POLICY):
            return ""
        self.desk.newer = await steps.newer_policies(self.spec.name, self.started_at)
        if (asked := self.desk.asked(request.id)) is None or not self.desk.newer:
            return ""
        circumstances = self.circumstances(asked.proposed_by)
        rule = as_now(asked, asked_by(asked), nature, circumstances, self.desk.newer)
        self.desk.hold_to(asked.id, rule, workflow.now())
        return rule.why if rule.consent is Consent.DENY else ""

    @workflow.signal(name=names.STEER)
    def steer_by_signal(self, word: Steer) -> None:
        """Say something to the agent from `temporal workflow signal` or `tctl`."""
        receipt = self.reins.steer(word)
        if not receipt.accepted:
            workflow.logger.warning("steering by signal refused: %s", receipt.message)

    @workflow.update(name=names.STEER)
    def steer(self, word: Steer) -> SteerReceipt:
        """Say something to the agent, and hear whether it will be heard."""
        return self.reins.steer(word)

    @workflow.signal(name=names.PAUSE)
    def pause(self, wish: Pause) -> None:
        self.reins.pause(wish)

    @workflow.signal(name=names.RESUME)
    def resume(self, wish: Resume) -> None:
        self.reins.resume(wish)

    @workflow.signal(name=names.USE_MODELS)
    def use_models(self, wish: UseModels) -> None:
        """Ask these models from the next call on. Whether the gateway has them is the sender's to know."""
        self.models.update(wish.models)
        self.reins.unrecorded.append(wish)

    @workflow.signal(name=names.NEWS)
    def news(self, event: Event) -> None:
        """Hear of the entity's news before the next turn; from its entity's workflow, which keeps it until then."""
        self.reins.bring(event)

    @workflow.signal(name=names.BATCH_SETTLED)
    def batch_settled(self, site: CallSite) -> None:
        """A call that waits for a batch waits no more; from the agent's collector."""
        self.settled.add(site)

    @workflow.query(name=names.APPROVALS)
    def open_approvals(self) -> list[ApprovalRequest]:
        return list(self.desk.open())

    @workflow.query(name=names.STATUS)
    def status(self) -> RunRecord:
        return self.record("waiting" if self.desk.open() or self.reins.paused_by else "running")

    # -- who, when, which step --

    @property
    def policy(self) -> ApprovalPolicy:
        """The one that it began with; a deploy changes none of a run at work but for its open questions."""
        return self.kit.policy or self.spec.policy

    def now(self) -> datetime:
        """What the agent takes for now: a fork of an old run lives in its time."""
        return workflow.now() + (self.job.as_of - self.started_at) if self.job.as_of else workflow.now()

    @property
    def hop(self) -> int:
        """How many runs stand between this one and a person: as many as of what began it stands the furthest."""
        return max((event.hop for event in self.job.events), default=0)

    def site(self, step: str) -> CallSite:
        return CallSite(run=self.run_id, step=step)

    def found_by(self, agent: str) -> TypedSearchAttributes:
        """What a child workflow of this run is found by in the Temporal UI."""
        entity = str(self.job.entity)
        return TypedSearchAttributes([SearchAttributePair(AGENT_NAME, agent), SearchAttributePair(ENTITY_ID, entity)])

    def next_step(self, phase: str) -> str:
        """`triage-1`, `orchestrate-1`, `orchestrate-2`: the same on every replay."""
        self._steps[phase] += 1
        return f"{phase}-{self._steps[phase]}"

    @property
    def steps(self) -> dict[str, int]:
        """Phase -> number of its last step."""
        return dict(self._steps)

    # -- tools, for the agent's own steps (the model's tool uses go through `acting`) --

    async def read(self, step: str, server: str, tool: str, **arguments: JsonValue) -> ToolReply:
        """Call a tool that only reads."""
        nature = self.kit.tools.get(names.model_tool_name(server, tool))
        quick = nature is not None and nature.quick
        call = ToolCall(site=self.site(step), server=server, tool=tool, arguments=arguments, quick=quick)
        reply = await steps.call_tool(call, tool)
        self.saw(step, names.model_tool_name(server, tool), arguments, reply)
        return reply

    async def write(self, step: str, server: str, tool: str, **arguments: JsonValue) -> ToolReply:
        """Change something with a tool of the farm's own servers."""
        return self._told_if_in_doubt(tool, await steps.call_tool(self.effect(step, server, tool, arguments), tool))

    async def tell(self, step: str, tool: str, patience: timedelta, **arguments: JsonValue) -> ToolReply:
        """Post or change a Slack message, for as long as it is of use."""
        call = self.effect(step, "slack", tool, arguments)
        return self._told_if_in_doubt(tool, await steps.call_tool(call, tool, patience))

    def _told_if_in_doubt(self, tool: str, reply: ToolReply) -> ToolReply:
        """A step of the agent's own asks nobody about a doubt; its record says that there is one."""
        if reply.in_doubt:
            self.troubles.append(f"{tool} in doubt: {reply.preview}")
        return reply

    def effect(self, step: str, server: str, tool: str, arguments: dict[str, JsonValue]) -> ToolCall:
        """A call that changes something. The farm's own servers do the work of one effect key once."""
        site = self.site(step)
        key = effect_key(site, names.model_tool_name(server, tool), arguments)
        return ToolCall(
            site=site, server=server, tool=tool, arguments=arguments, effect_key=key, repeatable=True, hop=self.hop
        )

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the run; only its end waits for it."""
        self.asides.append(asyncio.create_task(work))

    @contextmanager
    def waiting_for_people(self) -> Iterator[None]:
        """Time that isn't the run's own."""
        self.meter.wait_begins(workflow.now())
        try:
            yield
        except TimeoutError:
            self.meter.wait_ends(workflow.now())
            raise
        # No `finally`: a run that leaves a worker's cache while it waits is thrown away, and has no clock any more.
        self.meter.wait_ends(workflow.now())

    def plan(self, follow_up: FollowUp | None) -> None:
        """Look again then, in the place of what was planned; None: not at all."""
        self.follow_up, self.called_off = follow_up, follow_up is None

    def saw(self, step: str, tool: str, arguments: dict[str, JsonValue], reply: ToolReply) -> None:
        """Keep what was read, for whoever is asked later on. An error may quote a stranger as well as an answer."""
        nature = self.kit.tools.get(tool, ToolNature())
        read = reading(step, tool, arguments, reply, outside=nature.outside)
        if nature.read_only and not reply.is_error:
            self.known.read(read)
        if nature.outside and reply.ref:
            self.taint(read.what)

    def taint(self, by: str) -> None:
        """What strangers wrote has come in: from here on policy may be stricter, and the Temporal UI shows it."""
        if self.known.taint(by):
            self.show_taint()

    def suspect(self, by: str) -> None:
        """What looked like orders to a model has come in, whoever handed it on. Nothing is kept from going on by it."""
        if by:
            self.known.suspect(by)
            self.taint(by)

    def circumstances(self, model: str) -> Circumstances:
        """For policy: under what a model proposes something now."""
        return Circumstances(tainted=bool(self.known.tainted), model=model, suspicious=bool(self.known.suspicious))

    def show_taint(self) -> None:
        if workflow.patched(TAINT_SHOWN):
            workflow.upsert_search_attributes([TAINTED.value_set(True)])

    def pin(self, fact: str) -> None:
        """Keep a fact that the agent must not forget, however long the conversation grows."""
        self.pinned.append(fact)

    def note_trouble(self, what: str, reply: ToolReply) -> None:
        """Keep for the record what went wrong without stopping the run; nothing where the reply is no error."""
        if reply.is_error and not reply.in_doubt:
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
