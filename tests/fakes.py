"""Hand-written stand-ins for the farm's activities: a script of answers, and a record of what was asked.

A script that runs out is an AssertionError, so a workflow that asks once too often fails its test.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from contracts import names
from contracts.agents import Kit, PrepareRun, ToolNature
from contracts.approvals import ApprovalId, ApprovalRecord, Edit, EditCheck, FoundApproval
from contracts.calls import Alarm, ModelCall, ModelReply, RunRecord, Settlement, ToolCall, ToolReply, ToolUse, Usage
from contracts.policy import ApprovalPolicy, Policies, PoliciesSince
from contracts.standing import FoundConsent, StandingConsent, WantedCall
from contracts.steering import Intervention
from contracts.workflows import EntityWorkflowId, RunId, RunNumber, Text, TextRef, Used
from tests.batch_desk import BatchDesk

READ = ToolNature(read_only=True)
STRANGERS = ToolNature(read_only=True, outside=True)
WRITE = ToolNature(once=True)

QUICK = ToolNature(read_only=True, quick=True)

NATURES = {
    "crm__glance": QUICK,
    "crm__get_deal": READ,
    "crm__list_mails": STRANGERS,
    "crm__search_notes": READ,
    "memory__recall": QUICK,
    "crm__add_note": WRITE,
    "crm__create_activity": WRITE,
    "crm__update_deal": WRITE,
    "crm__send_mail": WRITE,
    "memory__remember": WRITE,
}


def says(text: str, cost_usd: float = 0.001, tokens: int = 0) -> ModelReply:
    """A model's final answer. `tokens`: how long the conversation is with it."""
    usage = Usage(input_tokens=tokens)
    return ModelReply(head="h", text=text, stop_reason="end_turn", model="fake", cost_usd=cost_usd, usage=usage)


def uses(*uses: tuple[str, dict[str, Any]], cost_usd: float = 0.01, tokens: int = 0) -> ModelReply:
    """A model's wish to use tools."""
    usage = Usage(input_tokens=tokens)
    wishes = tuple(ToolUse(id=f"toolu_{n}", name=name, arguments=arguments) for n, (name, arguments) in enumerate(uses))
    return ModelReply(head="h", tool_uses=wishes, model="fake", cost_usd=cost_usd, usage=usage)


class FakeFarm:
    """The activities of one test. `script`: role -> its replies in order (an exception is raised).

    `slow_s`: seconds that a model takes.
    """

    def __init__(self, script: dict[str, list[ModelReply | Exception]], slow_s: float = 0) -> None:
        self.slow_s = slow_s
        self.tool_slow_s: dict[str, float] = {}
        self.after_trouble: Callable[[], Awaitable[None]] | None = None
        self.ledger_usd = 0.07
        """What the ledger says that any run has used."""

        self.at_once = self.most_at_once = 0
        self.before_model: Callable[[], Awaitable[None]] | None = None
        self.script = {role: list(replies) for role, replies in script.items()}
        self.orders: list[PrepareRun] = []
        self.model_calls: list[ModelCall] = []
        self.tool_calls: list[ToolCall] = []
        self.runs: list[RunRecord] = []
        self.approvals: dict[str, ApprovalRecord] = {}
        self.interventions: list[Intervention] = []
        self.texts: dict[str, str] = {}
        self.tool_errors: dict[str, str] = {}
        self.doubts: dict[str, list[ToolReply]] = {}
        """Tool -> what its next calls bring, ahead of what it brings otherwise."""

        self.tool_troubles: dict[str, Exception] = {}
        """Tool -> what each call of it raises."""

        self.hanging: set[str] = set()
        """Tools whose calls last until they are told to stop; then they stand in `stopped`."""

        self.stopped: list[str] = []
        self.settlements: list[Settlement] = []
        self.alarms: list[Alarm] = []
        self.edits: list[Edit] = []
        self.edit_flaw = ""
        """What each edit is told to be wrong with."""

        self.tool_data: dict[str, list[dict[str, Any]]] = {}
        """Tool -> its structured answers in order, the last for ever; a call that picks gets what it picks of them."""

        self.natures = dict(NATURES)
        """What the tool servers have."""

        self.pinned: ApprovalPolicy | None = None
        """The policy in each kit; None for a kit of before there was one."""

        self.policies: list[ApprovalPolicy] = []
        """Those that came since any run began."""

        self.consents: list[StandingConsent] = []
        """What was allowed beforehand, by tool and entity alone."""

        self.batched: tuple[str, ...] = ()
        """Roles whose vendor takes batches."""

        self.batches = BatchDesk(self._said_next)
        self.posted: dict[str, list[ToolCall]] = defaultdict(list)

    @activity.defn(name=names.PREPARE_RUN)
    async def prepare_run(self, request: PrepareRun) -> Kit:
        self.orders.append(request)
        prompts = {name: f"prompt-{name}" for name in ("triage", "orchestrate", "learn", "skills/follow-up-mail")}
        return Kit(
            prompts=prompts,
            schemas={name: f"schema-{name}" for name in request.schemas},
            tools={name: each for name, each in self.natures.items() if name.split("__")[0] in request.tool_servers},
            toolset="toolset",
            channel="C0SALES",
            policy=self.pinned,
            batched=self.batched,
        )

    @activity.defn(name=names.CALL_MODEL)
    async def call_model(self, call: ModelCall) -> ModelReply:
        if call.site in self.batches.answered:
            return self.batches.answered[call.site]
        reply = self._next(call)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.slow_s)
        self.at_once -= 1
        if self.before_model is not None:
            news, self.before_model = self.before_model, None
            await news()
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _next(self, call: ModelCall) -> ModelReply | Exception:
        self.model_calls.append(call)
        replies = self.script.get(call.role, [])
        assert replies, f"the script of {call.role} ran out at {call.site.step}"
        return replies.pop(0)

    def _said_next(self, call: ModelCall) -> ModelReply:
        reply = self._next(call)
        assert isinstance(reply, ModelReply)
        return reply

    @activity.defn(name=names.CALL_TOOL)
    async def call_tool(self, call: ToolCall) -> ToolReply:
        self.tool_calls.append(call)
        ts = f"{len(self.tool_calls)}.0"
        name = names.model_tool_name(call.server, call.tool)
        await asyncio.sleep(self.tool_slow_s.get(name, 0))
        if name in self.hanging:
            await self._hang(name)
        if name in self.tool_troubles:
            trouble = self.tool_troubles[name]
            if self.after_trouble is not None:
                await self.after_trouble()
            raise trouble
        if self.doubts.get(name):
            return self.doubts[name].pop(0)
        if name in self.tool_errors:
            return ToolReply(ref="r-error", preview=self.tool_errors[name], is_error=True)
        data: dict[str, Any] = {"channel": "C0SALES", "ts": ts} if call.server == "slack" else {}
        if call.pick:
            answers = self.tool_data.get(name, [dict.fromkeys(call.pick, "as ever")])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            data = {path: answer[path] for path in call.pick if path in answer}
        return ToolReply(ref=f"r-{call.site.step}", preview="ok", data=data)

    async def _hang(self, name: str) -> None:
        try:
            while name in self.hanging:
                activity.heartbeat()
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            self.stopped.append(name)
            raise

    @activity.defn(name=names.RAISE_ALARM)
    async def raise_alarm(self, alarm: Alarm) -> ToolReply:
        self.alarms.append(alarm)
        return ToolReply(ref="r-alarm", data={"channel": "C0SALES", "ts": f"{len(self.alarms)}.0"})

    @activity.defn(name=names.SETTLE_EFFECT)
    async def settle_effect(self, settlement: Settlement) -> ToolReply:
        self.settlements.append(settlement)
        is_error = settlement.outcome != "happened"
        in_doubt = settlement.outcome == "unknown"
        return ToolReply(ref=f"r-{settlement.outcome}", preview=settlement.reason, is_error=is_error, in_doubt=in_doubt)

    @activity.defn(name=names.RECORD_RUN)
    async def record_run(self, record: RunRecord) -> None:
        self.runs.append(record)

    @activity.defn(name=names.RECORD_APPROVAL)
    async def record_approval(self, record: ApprovalRecord) -> None:
        self.approvals[record.request.id] = record

    @activity.defn(name=names.NEXT_RUN)
    async def next_run(self, entity: EntityWorkflowId) -> RunNumber:
        numbers = [
            int(record.run.rpartition("-")[2]) for record in self.runs if record.run.startswith(entity.workflow_id)
        ]
        return RunNumber(number=max(numbers, default=0) + 1)

    @activity.defn(name=names.RECORD_INTERVENTION)
    async def record_intervention(self, intervention: Intervention) -> None:
        self.interventions.append(intervention)

    @activity.defn(name=names.KEEP_TEXT)
    async def keep_text(self, text: Text) -> TextRef:
        ref = f"text-{len(self.texts)}"
        self.texts[ref] = text.text
        return TextRef(ref=ref)

    @activity.defn(name=names.READ_USED)
    async def read_used(self, run: RunId) -> Used:
        return Used(turns=3, cost_usd=self.ledger_usd)

    @activity.defn(name=names.READ_APPROVAL)
    async def read_approval(self, approval: ApprovalId) -> FoundApproval:
        return FoundApproval(record=self.approvals.get(approval.id))

    @activity.defn(name=names.CHECK_EDIT)
    async def check_edit(self, edit: Edit) -> EditCheck:
        self.edits.append(edit)
        return EditCheck(flaw=self.edit_flaw)

    @activity.defn(name=names.STANDING_CONSENT)
    async def standing_consent(self, call: WantedCall) -> FoundConsent:
        found = (each for each in self.consents if each.tool == call.tool and each.entity in (call.entity, ""))
        return FoundConsent(consent=next(found, None))

    @activity.defn(name=names.NEWER_POLICIES)
    async def newer_policies(self, wanted: PoliciesSince) -> Policies:
        return Policies(policies=tuple(self.policies))

    @property
    def activities(self) -> list[Any]:
        return [
            self.prepare_run,
            self.call_model,
            self.call_tool,
            self.settle_effect,
            self.raise_alarm,
            self.record_run,
            self.record_approval,
            self.next_run,
            self.record_intervention,
            self.keep_text,
            self.read_used,
            self.read_approval,
            self.check_edit,
            self.standing_consent,
            self.newer_policies,
            *self.batches.all,
        ]

    def called(self, tool: str) -> list[ToolCall]:
        """The calls of `crm__send_mail` and the like."""
        return [call for call in self.tool_calls if names.model_tool_name(call.server, call.tool) == tool]


def interrupted() -> ToolReply:
    """What a call brings of which nothing tells whether it happened."""
    return ToolReply(ref="r-doubt", preview="begun and interrupted", is_error=True, in_doubt=True)


def permanent(message: str) -> ApplicationError:
    return ApplicationError(message, type="permanent", non_retryable=True)
