"""What goes in and comes out where two processes meet: every activity, workflow, signal, update and query."""

from dataclasses import dataclass, field
from typing import Any

from contracts import names
from contracts.agents import Kit, PrepareRun
from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt
from contracts.calls import ModelCall, ModelReply, RunRecord, ToolCall, ToolReply
from contracts.events import Event
from contracts.workflows import EntityState, EntityStatus, EntityWorkflowId, RunInput, RunNumber, RunOutcome


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
    names.RECORD_RUN: Operation(RunRecord),
    names.RECORD_APPROVAL: Operation(ApprovalRecord),
    names.NEXT_RUN: Operation(EntityWorkflowId, RunNumber),
}

ENTITY_WORKFLOW = WorkflowOperations(
    run=Operation(EntityState),
    signals={names.EVENT: Operation(Event)},
    queries={names.STATUS: Operation(gives=EntityStatus)},
)

RUN_WORKFLOW = WorkflowOperations(
    run=Operation(RunInput, RunOutcome),
    signals={names.DECIDE: Operation(Decision)},
    updates={names.DECIDE: Operation(Decision, DecisionReceipt)},
    queries={names.STATUS: Operation(gives=RunRecord), names.APPROVALS: Operation(gives=list[ApprovalRequest])},
)

WORKFLOWS = {"entity": ENTITY_WORKFLOW, "run": RUN_WORKFLOW}
