"""Asking a person: the question is recorded, posted in Slack, waited for, and closed where it stood."""

import asyncio

from pydantic import JsonValue
from temporalio import workflow

from contracts.approvals import ApprovalRecord, ApprovalRequest
from contracts.calls import ToolReply
from contracts.effects import arguments_hash, effect_key
from contracts.search_attributes import LONGEST_KEYWORD, WAITING_FOR
from workflows import blocks, steps
from workflows.agent import AgentRun


async def ask(run: AgentRun, step: str, tool: str, arguments: dict[str, JsonValue], why: str) -> ApprovalRecord:
    """Ask, and wait until somebody answers or the question expires."""
    request = _request(run, step, tool, arguments, why)
    run.desk.ask(request)
    _show_waiting(run)
    await steps.record_approval(run.desk.records[request.id])
    await steps.record_run(run.record("waiting"))
    posted = asyncio.create_task(_post(run, request))
    await _settled(run, request)
    record = run.desk.records[request.id]
    await steps.record_approval(record)
    _show_waiting(run)
    # Slack being away holds nothing up: the answer may have come another way.
    run.aside(_close_post(run, posted, record))
    return record


def _request(run: AgentRun, step: str, tool: str, arguments: dict[str, JsonValue], why: str) -> ApprovalRequest:
    now = workflow.now()
    return ApprovalRequest(
        id=effect_key(run.site(step), tool, arguments)[:10],
        workflow_id=run.run_id,
        step=step,
        agent=run.spec.name,
        entity=str(run.job.entity),
        tool=tool,
        arguments=arguments,
        arguments_hash=arguments_hash(arguments),
        what=blocks.in_words(tool, arguments),
        why=why,
        approvers=run.spec.policy.approvers,
        asked_at=now,
        expires_at=now + run.spec.policy.expires_after,
        cost_usd=run.meter.cost_usd,
    )


async def _settled(run: AgentRun, request: ApprovalRequest) -> None:
    try:
        await workflow.wait_condition(
            lambda: run.desk.settled(request.id),
            timeout=request.expires_at - workflow.now(),
            timeout_summary=f"{request.tool} waits for a person until {request.expires_at:%Y-%m-%d %H:%M} UTC",
        )
    except TimeoutError:
        run.desk.expire(request.id, workflow.now())


def _show_waiting(run: AgentRun) -> None:
    waiting = ", ".join(f"{each.tool} {each.id} until {each.expires_at:%Y-%m-%d}" for each in run.desk.open())
    workflow.upsert_search_attributes([WAITING_FOR.value_set(waiting[:LONGEST_KEYWORD] or "nothing")])


async def _post(run: AgentRun, request: ApprovalRequest) -> ToolReply:
    return await run.write(
        f"{request.step}.ask",
        "slack",
        "post_message",
        channel=run.kit.channel,
        text=blocks.escape(request.what),
        blocks=blocks.approval(request),
    )


async def _close_post(run: AgentRun, posted: asyncio.Task[ToolReply], record: ApprovalRecord) -> None:
    """Show the outcome where the question stood, if it ever stood there."""
    message = (await posted).data
    if "ts" not in message:
        return
    await run.write(
        f"{record.request.step}.answer",
        "slack",
        "update_message",
        channel=message["channel"],
        ts=message["ts"],
        text=blocks.outcome_line(record),
        blocks=blocks.outcome(record),
    )
