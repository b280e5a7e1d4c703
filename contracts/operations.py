"""What goes in and comes out where two processes meet: every activity, workflow, signal, update and query."""

from dataclasses import dataclass, field
from typing import Any

from contracts import names
from contracts.agents import Batching, Kit, PrepareRun
from contracts.approvals import (
    ApprovalId,
    ApprovalRecord,
    ApprovalRequest,
    Decision,
    DecisionReceipt,
    Edit,
    EditCheck,
    FoundApproval,
)
from contracts.batches import (
    AgentName,
    BatchBook,
    BatchLeave,
    BatchOrder,
    BatchProgress,
    BatchRef,
    BatchStanding,
    BatchWish,
    CollectorState,
    CollectorStatus,
)
from contracts.calls import (
    Alarm,
    CallSite,
    ModelCall,
    ModelReply,
    RunRecord,
    Settlement,
    ToolCall,
    ToolReply,
)
from contracts.events import Event
from contracts.policy import Policies, PoliciesSince
from contracts.standing import FoundConsent, WantedCall
from contracts.steering import Intervention, Pause, Resume, Steer, SteerReceipt, UseModels
from contracts.workflows import (
    EntityState,
    EntityStatus,
    EntityWorkflowId,
    Replan,
    RunId,
    RunInput,
    RunNumber,
    RunOutcome,
    Text,
    TextRef,
    Tick,
    Used,
)


@dataclass(frozen=True)
class Operation:
    """One value in, one out. None where there is none."""

    takes: Any = None
    gives: Any = None


@dataclass(frozen=True)
class WorkflowOperations:
    """What a kind of workflow takes, gives and listens to."""

    run: Operation
    signals: dict[str, Operation] = field(default_factory=dict)
    updates: dict[str, Operation] = field(default_factory=dict)
    queries: dict[str, Operation] = field(default_factory=dict)


ACTIVITIES = {
    names.PREPARE_RUN: Operation(PrepareRun, Kit),
    names.CALL_MODEL: Operation(ModelCall, ModelReply),
    names.CALL_TOOL: Operation(ToolCall, ToolReply),
    names.SETTLE_EFFECT: Operation(Settlement, ToolReply),
    names.RECORD_RUN: Operation(RunRecord),
    names.RECORD_APPROVAL: Operation(ApprovalRecord),
    names.NEXT_RUN: Operation(EntityWorkflowId, RunNumber),
    names.RECORD_INTERVENTION: Operation(Intervention),
    names.KEEP_TEXT: Operation(Text, TextRef),
    names.READ_USED: Operation(RunId, Used),
    names.READ_APPROVAL: Operation(ApprovalId, FoundApproval),
    names.RAISE_ALARM: Operation(Alarm, ToolReply),
    names.CHECK_EDIT: Operation(Edit, EditCheck),
    names.NEWER_POLICIES: Operation(PoliciesSince, Policies),
    names.STANDING_CONSENT: Operation(WantedCall, FoundConsent),
    names.ASK_BY_BATCH: Operation(BatchWish, BatchStanding),
    names.LEAVE_BATCH: Operation(BatchLeave, BatchStanding),
    names.READ_BATCHES: Operation(AgentName, BatchBook),
    names.SUBMIT_BATCH: Operation(BatchOrder, BatchProgress),
    names.COLLECT_BATCH: Operation(BatchRef, BatchProgress),
}

ENTITY_WORKFLOW = WorkflowOperations(
    run=Operation(EntityState),
    signals={
        names.EVENT: Operation(Event),
        names.DECIDE: Operation(Decision),
        names.UPGRADE: Operation(),
        names.RESUME: Operation(Resume),
        names.FOLLOW_UP: Operation(Replan),
    },
    updates={names.DECIDE: Operation(Decision, DecisionReceipt)},
    queries={
        names.STATUS: Operation(gives=EntityStatus),
        names.APPROVALS: Operation(gives=list[ApprovalRequest]),
    },
)

RUN_WORKFLOW = WorkflowOperations(
    run=Operation(RunInput, RunOutcome),
    signals={
        names.DECIDE: Operation(Decision),
        names.STEER: Operation(Steer),
        names.PAUSE: Operation(Pause),
        names.RESUME: Operation(Resume),
        names.USE_MODELS: Operation(UseModels),
        names.NEWS: Operation(Event),
        names.BATCH_SETTLED: Operation(CallSite),
    },
    updates={
        names.DECIDE: Operation(Decision, DecisionReceipt),
        names.STEER: Operation(Steer, SteerReceipt),
    },
    queries={names.STATUS: Operation(gives=RunRecord), names.APPROVALS: Operation(gives=list[ApprovalRequest])},
)

COLLECTOR_WORKFLOW = WorkflowOperations(
    run=Operation(CollectorState),
    signals={
        names.BATCHING: Operation(Batching),
        names.BATCH_ASKED: Operation(CallSite),
        names.UPGRADE: Operation(),
    },
    queries={names.STATUS: Operation(gives=CollectorStatus)},
)

WORKFLOWS = {
    "entity": ENTITY_WORKFLOW,
    "run": RUN_WORKFLOW,
    "tick": WorkflowOperations(run=Operation(Tick)),
    "collector": COLLECTOR_WORKFLOW,
}
