"""The activities of a fork: what was before its turn comes from the record, and nothing after it leaves the house.

Model calls are really made, and reads that the record has no answer for. Whatever changes something is not done.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.book import Book
from activities.kit import KitActivities
from activities.model import ModelActivities
from activities.records import RecordActivities
from activities.tools import ToolActivities
from contracts import names
from contracts.agents import Kit, PrepareRun
from contracts.approvals import ApprovalRecord, Decision
from contracts.calls import Alarm, ModelCall, ModelReply, RunRecord, Settlement, ToolCall, ToolReply, Usage
from ops.fork.answers import decision_for, same_call
from ops.fork.cut import Cut
from ops.fork.no_batches import NO_BATCHES
from ops.fork.wish import Wish
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.model_calls import ModelCalls
from store.past import Past, Place, Thought
from store.tool_calls import ToolCalls

T = TypeVar("T")
How = Literal["record", "live", "dry", "asked", "offline"]
"""How a step was answered: by the record, by a real read, not at all (a write), by a model."""

Decide = Callable[[str, Decision], Awaitable[None]]
"""Tells the workflow of that name what was decided."""

TRIES = 3
"""A person waits for the fork: what a run would try for a day is given up here."""

NOT_ON_RECORD = "not on record: the fork runs offline, and {name} was not called with these arguments then"
DRY = "Dry run: {name} was not done. Go on as if it had been."
NO_KIT = "its kit is not on record (the run is of before kits were kept): it works with today's prompts and tools"


@dataclass(frozen=True)
class Parts:
    """The real activities that a fork falls back on."""

    model: ModelActivities
    tools: ToolActivities
    kit: KitActivities
    records: RecordActivities


@dataclass
class Told:
    """What a fork did, for the person who asked for it."""

    how: dict[Place, How] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    """Step of a question -> how it was answered."""

    warnings: list[str] = field(default_factory=list)

    def warn(self, what: str) -> None:
        if what not in self.warnings:
            self.warnings.append(what)


@dataclass
class ForkActivities:
    """`fork`: the fork's own name, under which all that it does is recorded."""

    fork: str
    past: Past
    cut: Cut
    wish: Wish
    db: Database
    real: Parts
    books: Mapping[str, Book]
    decide: Decide
    told: Told = field(default_factory=Told)
    only_read: set[str] = field(default_factory=set)
    """Tools that change nothing, by what their servers declare."""

    @activity.defn(name=names.PREPARE_RUN)
    async def prepare_run(self, request: PrepareRun) -> Kit:
        """The kit of then, with the prompts that are to be tried. Answer schemas are today's, as the code is."""
        then = self.past.kits.get(self._below(request.run))
        if then is None:
            self.told.warn(f"{self.past.run.run}{self._below(request.run)}: {NO_KIT}")
            kit = await self._given_up(self.real.kit.prepare_run(request))
        else:
            kit = then.kit.model_copy(update=await self._of_today(request, then.kit))
        changed = {name: text for name, text in self.wish.prompts.items() if name in kit.prompts}
        # Somebody waits for a fork: nothing of it goes by batch.
        kit = kit.model_copy(update={"prompts": {**kit.prompts, **await self._kept(changed)}, "batched": ()})
        self.only_read |= {name for name, nature in kit.tools.items() if nature.read_only}
        await Kits(self.db).record(request.run, kit, request.job)
        return kit

    @activity.defn(name=names.CALL_MODEL)
    async def call_model(self, call: ModelCall) -> ModelReply:
        below, step = self._place(call.site.run, call.site.step)
        then = self.past.thoughts.get((below, step))
        if self.cut.keeps(below, step, then.at if then else None) and then:
            return await self._remember(call, then)
        if not below and self.cut.failed_then(step):
            raise ApplicationError("it failed then, too", type="context_too_long", non_retryable=True)
        self.told.how[below, step] = "asked"
        return await self._given_up(self.real.model.call_model(self._changed(call)))

    @activity.defn(name=names.CALL_TOOL)
    async def call_tool(self, call: ToolCall) -> ToolReply:
        below, step = self._place(call.site.run, call.site.step)
        then = self.past.deeds.get((below, step))
        if self.cut.keeps(below, step, then.at if then else None) and then:
            return await self._note(call, then.reply, "record")
        if same := same_call(self.past, self.fork, call):
            return await self._note(call, same.reply, "record" if self._only_reads(call) else "dry")
        name = f"{call.server}.{call.tool}"
        if not self._only_reads(call):
            return await self._note(call, await self._reply(DRY.format(name=name)), "dry")
        if self.wish.offline:
            told = await self._reply(NOT_ON_RECORD.format(name=name), is_error=True)
            return await self._note(call, told, "offline")
        self.told.how[below, step] = "live"
        return await self._given_up(self.real.tools.call_tool(call))

    @activity.defn(name=names.SETTLE_EFFECT)
    async def settle_effect(self, settlement: Settlement) -> ToolReply:
        """A fork has done nothing that could be in doubt."""
        return await self._note(settlement.call, await self._reply(DRY.format(name=settlement.call.tool)), "dry")

    @activity.defn(name=names.RAISE_ALARM)
    async def raise_alarm(self, alarm: Alarm) -> ToolReply:  # noqa: ARG002  nobody is told
        """A fork tells nobody anything."""
        return await self._reply(DRY.format(name="slack.post_message"))

    @activity.defn(name=names.RECORD_RUN)
    async def record_run(self, record: RunRecord) -> None:
        """With what the fork itself has cost: the workflow counts what is answered from the record as it was then."""
        used = await ModelCalls(self.db).used(record.run)
        await self.real.records.record_run(record.model_copy(update={"cost_usd": used.cost_usd}))

    @activity.defn(name=names.RECORD_APPROVAL)
    async def record_approval(self, record: ApprovalRecord) -> None:
        """A question is answered at once, and stands on no list of what waits for people."""
        if record.status != "pending":
            await self.real.records.record_approval(record)
            return
        decision, why = decision_for(self.past, self.fork, record.request)
        self.told.decisions[f"{self._below(record.request.workflow_id)}{record.request.step}"] = why
        await self.decide(record.request.workflow_id, decision)

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        own = (
            self.prepare_run,
            self.call_model,
            self.call_tool,
            self.settle_effect,
            self.raise_alarm,
            self.record_run,
            self.record_approval,
        )
        replaced = (self.real.records.record_run, self.real.records.record_approval)
        return (*own, *NO_BATCHES, *(each for each in self.real.records.all if each not in replaced))

    def _place(self, run: str, step: str) -> Place:
        return self._below(run), step

    def _below(self, run: str) -> str:
        return run.removeprefix(self.fork)

    def _only_reads(self, call: ToolCall) -> bool:
        return not call.effect_key and names.model_tool_name(call.server, call.tool) in self.only_read

    def _changed(self, call: ModelCall) -> ModelCall:
        return call.model_copy(update={"role": self.wish.role(call.role)})

    async def _of_today(self, request: PrepareRun, kit: Kit) -> dict[str, dict[str, str]]:
        """The answers that today's code wants, and prompts that it has and the kit of then hadn't."""
        missing = {name: text for name, text in self.books[request.agent].texts().items() if name not in kit.prompts}
        schemas = await self.real.kit.schemas(request)
        return {"prompts": {**kit.prompts, **await self._kept(missing)}, "schemas": {**kit.schemas, **schemas}}

    async def _kept(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {name: await Blobs(self.db).put(text) for name, text in texts.items()}

    async def _remember(self, call: ModelCall, then: Thought) -> ModelReply:
        """The answer of then. On the fork's bill it costs nothing; its own budget counts it as it was."""
        self.told.how[self._place(call.site.run, call.site.step)] = "record"
        free = then.reply.model_copy(update={"cost_usd": 0.0, "usage": Usage()})
        await ModelCalls(self.db).record(call, free, asked=then.asked, latency_s=0, at=datetime.now(UTC))
        return then.reply

    async def _note(self, call: ToolCall, reply: ToolReply, how: How) -> ToolReply:
        """Enter a call that wasn't made, and how it was answered. What was in doubt then is nobody's question now."""
        self.told.how[self._place(call.site.run, call.site.step)] = how
        not_done = call.model_copy(update={"effect_key": ""})
        answered = reply.model_copy(update={"in_doubt": False})
        await ToolCalls(self.db).record(not_done, answered, latency_s=0, at=datetime.now(UTC))
        return answered

    async def _reply(self, text: str, *, is_error: bool = False) -> ToolReply:
        return ToolReply(ref=await Blobs(self.db).put(text), preview=text[:300], is_error=is_error)

    async def _given_up(self, work: Awaitable[T]) -> T:
        """What is passing is tried a few times, and not for as long as a run has."""
        try:
            return await work
        except Exception as failure:
            final = isinstance(failure, ApplicationError) and failure.non_retryable
            if final or activity.info().attempt < TRIES:
                raise
            kind = failure.type if isinstance(failure, ApplicationError) else type(failure).__name__
            raise ApplicationError(str(failure), type=kind, non_retryable=True) from failure
