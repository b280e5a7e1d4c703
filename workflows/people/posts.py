"""The message in Slack that asks a question: posted, brought up to date, closed. Slack being away holds nothing up."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from pydantic import JsonValue
from temporalio import workflow
from temporalio.exceptions import ActivityError

from contracts.approvals import ApprovalRecord, ApprovalRequest
from contracts.calls import ToolReply
from contracts.effects import arguments_hash
from workflows import steps
from workflows.people import blocks
from workflows.people.block_kit import Block, escape
from workflows.people.verdicts import proposed
from workflows.run.agent_run import AgentRun

ONE_THREAD = "a-run-has-one-thread"
"""Histories of before have a thread for each question."""

WAITED_FOR = "a-late-question-is-brought-up-to-date"
"""Histories of before leave one that came late to Slack as it was asked."""

POSTED_WITHIN = timedelta(minutes=2)
"""How long a question that is settled may still be on its way to Slack."""


async def say(run: AgentRun, step: str, patience: timedelta, **message: JsonValue) -> ToolReply:
    """Say something in the channel. The first of a run opens its thread; what follows is an answer in it that is shown
    in the channel as well, so that no question is hidden in a thread that nobody opens.
    """
    if not workflow.patched(ONE_THREAD):
        return await run.tell(step, "post_message", patience, channel=run.kit.channel, **message)
    async with run.opening:
        if not run.thread:
            reply = await run.tell(step, "post_message", patience, channel=run.kit.channel, **message)
            run.thread = str(reply.data.get("ts", ""))
            return reply
    within: dict[str, JsonValue] = {"thread_ts": run.thread, "reply_broadcast": True}
    return await run.tell(step, "post_message", patience, channel=run.kit.channel, **message, **within)


async def post(run: AgentRun, request: ApprovalRequest) -> ToolReply:
    """Ask in Slack, for as long as anybody may answer."""
    terms = 1 + len(run.desk.policy.escalation)
    patience = (request.expires_at - request.asked_at) * terms
    shown = blocks.approval(request)
    return await say(run, f"{request.step}.ask", patience, text=escape(request.what), blocks=shown)


async def close(run: AgentRun, record: ApprovalRecord) -> None:
    """Show what came of it where it was asked. One that Slack doesn't take for minutes isn't worth posting any more."""
    posted = run.posts[record.request.id]
    if not posted.done():
        # A worker that died while it posted is made up for by then; called off at once, nobody would know whether
        # the question stands in Slack with its buttons.
        await workflow.wait([posted], timeout=POSTED_WITHIN.total_seconds())
    if not posted.done():
        posted.cancel()
    await _update(run, record, "answer", blocks.outcome_line(record), blocks.outcome(record))


async def refresh(run: AgentRun, record: ApprovalRecord, step: str) -> None:
    """Show how an open question stands now: others are asked, or somebody has changed what would run. One that Slack
    doesn't take yet is brought up to date when it stands there, unless something came of it meanwhile.
    """
    shown = proposed(record)
    changed = {"arguments": shown, "arguments_hash": arguments_hash(shown)}
    request = record.request.model_copy(update=changed)
    if not run.posts[request.id].done() and not await _came_late(run, record):
        return
    await _update(run, record, step, escape(request.what), blocks.approval(request, record.votes))


async def _came_late(run: AgentRun, record: ApprovalRecord) -> bool:
    """Wait for the message to stand in Slack; whether it then still asks what it asked."""
    if not workflow.patched(WAITED_FOR):
        return False
    await _message(run, record.request.id)
    return run.desk.records[record.request.id] is record


async def nudge(run: AgentRun, request: ApprovalRequest, step: str, text: str) -> None:
    """Say something in the run's thread. One that isn't in Slack yet is news enough when it comes there."""
    if run.posts[request.id].done() and (message := await _message(run, request.id)):
        await run.tell(
            f"{request.step}.{step}",
            "post_message",
            steps.MESSAGE_PATIENCE,
            channel=message["channel"],
            thread_ts=run.thread or message["ts"],
            text=text,
        )


async def _update(run: AgentRun, record: ApprovalRecord, step: str, text: str, shown: Iterable[Block]) -> None:
    if message := await _message(run, record.request.id):
        await run.tell(
            f"{record.request.step}.{step}",
            "update_message",
            steps.MESSAGE_PATIENCE,
            channel=message["channel"],
            ts=message["ts"],
            text=text,
            blocks=list(shown),
        )


async def _message(run: AgentRun, approval: str) -> dict[str, JsonValue]:
    """Where it stands: channel and ts. Empty where it was never posted."""
    try:
        message = (await run.posts[approval]).data
    except (asyncio.CancelledError, ActivityError):
        return {}
    return message if "ts" in message else {}
