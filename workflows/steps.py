"""The only place where a workflow starts an activity: time limits, retries and a line for the Temporal UI.

Long or visible calls are activities. Short ones that only write the farm's own record are local activities: one
history event instead of six, and their result stands in the store anyway.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from types import NoneType
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from contracts import names
from contracts.agents import Kit, PrepareRun
from contracts.approvals import ApprovalId, ApprovalRecord, Edit, EditCheck, FoundApproval
from contracts.batches import (
    AgentName,
    BatchBook,
    BatchLeave,
    BatchOrder,
    BatchProgress,
    BatchRef,
    BatchStanding,
    BatchWish,
)
from contracts.calls import Alarm, ModelCall, ModelReply, RunRecord, Settlement, ToolCall, ToolReply
from contracts.frozen import Frozen
from contracts.policy import ApprovalPolicy, Policies, PoliciesSince
from contracts.standing import FoundConsent, StandingConsent, WantedCall
from contracts.steering import Intervention
from contracts.workflows import EntityWorkflowId, RunId, RunNumber, Text, TextRef, Used

T = TypeVar("T")

# Temporal alone retries. An activity says by itself what must not be tried again, and when to come back.
# At most 20 s apart: what stood still while a part was away goes on that soon after its return.
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=20)
)
ONCE = RetryPolicy(maximum_attempts=1)
QUICK = timedelta(seconds=1)
# Longer than the gateway's client waits, so that the gateway's own error is the one that arrives.
MODEL_TIMEOUT = timedelta(minutes=7)
TOOL_TIMEOUT = timedelta(minutes=2)
# A dead worker is noticed after this long, not after the whole timeout.
HEARTBEAT = timedelta(seconds=6)
# How long a call that keeps failing is tried, waiting for a worker included, before the model is told so. A read is
# soon stale. What was decided to be done is worth a day: giving up leaves it unknown whether it happened.
READ_PATIENCE = timedelta(minutes=30)
WRITE_PATIENCE = timedelta(days=1)
# A message that comes half an hour late helps nobody, and the entity's next run waits for this one's end.
MESSAGE_PATIENCE = timedelta(minutes=30)
RECORD_TIMEOUT = timedelta(seconds=20)
BATCH_TIMEOUT = timedelta(minutes=3)
BATCH_PATIENCE = timedelta(minutes=6)


async def prepare_run(request: PrepareRun) -> Kit:
    """Pin prompts, schemas and tool definitions for this run."""
    result: Kit = await workflow.execute_activity(
        names.PREPARE_RUN,
        request,
        result_type=Kit,
        start_to_close_timeout=TOOL_TIMEOUT,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RETRY,
        summary=f"Pin prompts and tools of {request.agent}",
    )
    return result


async def call_model(call: ModelCall) -> ModelReply:
    """One turn of thinking."""
    result: ModelReply = await workflow.execute_activity(
        names.CALL_MODEL,
        call,
        result_type=ModelReply,
        start_to_close_timeout=MODEL_TIMEOUT,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RETRY,
        summary=f"{call.site.step}: ask {call.role}{' for a summary' if call.fold else ''}",
    )
    return result


async def call_tool(call: ToolCall, summary: str, patience: timedelta | None = None) -> ToolReply:
    """One call of an MCP tool. A tool that failed for good is an answer (`is_error`), not an exception.

    Cancelled, it waits until a call that changes something has been told to stop and has stopped, and enters that
    nobody knows what became of it.
    """
    if call.quick and (found := await _quickly(call, summary)) is not None:
        return found
    under_way = workflow.start_activity(
        names.CALL_TOOL,
        call,
        result_type=ToolReply,
        start_to_close_timeout=TOOL_TIMEOUT,
        schedule_to_close_timeout=patience or (WRITE_PATIENCE if call.effect_key else READ_PATIENCE),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RETRY,
        cancellation_type=_stop(call),
        summary=f"{call.site.step}: {summary}",
    )
    try:
        reply: ToolReply = await asyncio.shield(under_way)
    except asyncio.CancelledError:
        await _stopped(call, under_way)
        raise
    except ActivityError as failure:
        if is_cancelled_exception(failure):
            raise
        return await _given_up(call, failure)
    return reply


async def _quickly(call: ToolCall, summary: str) -> ToolReply | None:
    """A quick read as a local activity: one event instead of six. None where it takes longer, or failed in passing.

    It holds its workflow task, so decisions and words for the run wait as long: hence a second and no retry.
    """
    try:
        reply: ToolReply = await workflow.execute_local_activity(
            names.CALL_TOOL,
            call,
            result_type=ToolReply,
            schedule_to_close_timeout=QUICK,
            retry_policy=ONCE,
            summary=f"{call.site.step}: {summary}",
        )
    except FailureError as failure:
        # Not ActivityError alone: a local activity's own error comes as it was raised, and its timeout comes bare on
        # replay though it was wrapped at first. Catching less would take another way on replay than in life.
        if is_cancelled_exception(failure):
            raise
        return None
    return reply


def _stop(call: ToolCall) -> workflow.ActivityCancellationType:
    # What only reads may be left to itself; what changes something isn't over before its end is known.
    kinds = workflow.ActivityCancellationType
    return kinds.WAIT_CANCELLATION_COMPLETED if call.effect_key else kinds.TRY_CANCEL


async def _stopped(call: ToolCall, under_way: workflow.ActivityHandle[ToolReply]) -> None:
    under_way.cancel()
    with suppress(ActivityError, asyncio.CancelledError):
        await under_way
    if call.effect_key:
        reason = "The run was stopped while the call was under way"
        await settle_effect(Settlement(call=call, outcome="unknown", reason=reason))


async def _given_up(call: ToolCall, failure: ActivityError) -> ToolReply:
    reason = f"{call.server} {call.tool} could not be reached: {failure.cause or failure}"[:300]
    if not call.effect_key:
        return ToolReply(ref="", preview=f"{reason}.", is_error=True)
    return await settle_effect(Settlement(call=call, outcome="unknown", reason=reason))


async def ask_by_batch(wish: BatchWish) -> BatchStanding:
    """Enter a call that may wait in the store."""
    return await _on_record(names.ASK_BY_BATCH, wish, f"{wish.call.site.step}: may wait for a batch", BatchStanding)


async def leave_batch(leave: BatchLeave) -> BatchStanding:
    """Take a call out that waits for a batch."""
    return await _on_record(names.LEAVE_BATCH, leave, f"{leave.site.step}: out of the batch?", BatchStanding)


async def read_batches(of: AgentName) -> BatchBook:
    """What is on record of an agent's requests and batches."""
    return await _on_record(names.READ_BATCHES, of, f"Batches of {of.agent} on record", BatchBook)


async def submit_batch(order: BatchOrder) -> BatchProgress:
    """Submit what an agent's runs have asked for."""
    return await _with_the_vendor(names.SUBMIT_BATCH, order, f"Submit up to {order.most} requests")


async def collect_batch(ref: BatchRef) -> BatchProgress:
    """Look how a batch stands, and enter its answers where it has ended."""
    return await _with_the_vendor(names.COLLECT_BATCH, ref, f"How does batch {ref.token[:8]} stand?")


async def _with_the_vendor(name: str, value: Frozen, summary: str) -> BatchProgress:
    """Given up after a while: whoever asks looks again later, and other batches wait for their look meanwhile."""
    result: BatchProgress = await workflow.execute_activity(
        name,
        value,
        result_type=BatchProgress,
        start_to_close_timeout=BATCH_TIMEOUT,
        schedule_to_close_timeout=BATCH_PATIENCE,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RETRY,
        summary=summary,
    )
    return result


async def raise_alarm(alarm: Alarm) -> ToolReply | None:
    """Tell people; the message as it was posted. Where Slack stays away the Temporal UI says it still, so nothing is
    raised.
    """
    with suppress(ActivityError):
        posted: ToolReply = await workflow.execute_activity(
            names.RAISE_ALARM,
            alarm,
            result_type=ToolReply,
            start_to_close_timeout=TOOL_TIMEOUT,
            schedule_to_close_timeout=WRITE_PATIENCE,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
            summary=alarm.text[:100],
        )
        return posted
    return None


async def settle_effect(settlement: Settlement) -> ToolReply:
    """Enter in the journal what became of an effect, and hear how it stands."""
    summary = f"{settlement.call.site.step}: {settlement.outcome}"
    return await _on_record(names.SETTLE_EFFECT, settlement, summary, ToolReply)


async def record_run(record: RunRecord) -> None:
    """Write the run's row in the farm's own records."""
    await _on_record(names.RECORD_RUN, record, f"Record: {record.status}, {record.phase}", NoneType)


async def record_approval(record: ApprovalRecord) -> None:
    """Write an approval's row in the farm's own records."""
    await _on_record(names.RECORD_APPROVAL, record, f"Record approval {record.request.id}: {record.status}", NoneType)


async def record_intervention(intervention: Intervention) -> None:
    """Write what a person did to the run in the farm's own records."""
    await _on_record(
        names.RECORD_INTERVENTION, intervention, f"Record: {intervention.kind} by {intervention.by}", NoneType
    )


async def next_run(entity_workflow: str) -> int:
    """The number of an entity's next run. The record knows of runs that a reset or restarted history doesn't."""
    entity = EntityWorkflowId(workflow_id=entity_workflow)
    return (await _on_record(names.NEXT_RUN, entity, "Number of the next run", RunNumber)).number


async def keep_text(text: str) -> str:
    """Keep a text in the store, and get its reference."""
    return (await _on_record(names.KEEP_TEXT, Text(text=text), "Keep the report", TextRef)).ref


async def read_used(run: str) -> Used:
    """What a run that failed had used, by the ledger."""
    return await _on_record(names.READ_USED, RunId(run=run), f"What {run} used", Used)


async def read_approval(approval: str) -> ApprovalRecord | None:
    """A question as it is on record: an earlier attempt of this run may have asked it."""
    asked = ApprovalId(id=approval)
    return (await _on_record(names.READ_APPROVAL, asked, f"Approval {approval} on record", FoundApproval)).record


async def check_edit(edit: Edit) -> str:
    """What is wrong with a person's edit; empty where nothing is."""
    return (await _on_record(names.CHECK_EDIT, edit, f"An edit of {edit.tool} against its schema", EditCheck)).flaw


async def newer_policies(agent: str, since: datetime) -> tuple[ApprovalPolicy, ...]:
    """The agent's policies that workers brought since."""
    wanted = PoliciesSince(agent=agent, since=since)
    return (await _on_record(names.NEWER_POLICIES, wanted, f"Policies of {agent} since then", Policies)).policies


async def standing_consent(call: WantedCall) -> StandingConsent | None:
    """What a person has said beforehand of such a call."""
    summary = f"Was {call.tool} allowed beforehand?"
    return (await _on_record(names.STANDING_CONSENT, call, summary, FoundConsent)).consent


async def _on_record(name: str, value: Frozen, summary: str, gives: type[T]) -> T:
    """A short read or write of the farm's own records, tried until it is done."""
    result: T = await workflow.execute_local_activity(
        name, value, result_type=gives, start_to_close_timeout=RECORD_TIMEOUT, retry_policy=RETRY, summary=summary
    )
    return result
