"""Asking a person: the question is recorded, posted in Slack, waited for, and closed where it stood."""

import asyncio
from datetime import timedelta

from pydantic import JsonValue
from temporalio import workflow
from temporalio.exceptions import ActivityError

from contracts.approvals import ApprovalRecord, ApprovalRequest, QuestionKind
from contracts.calls import ToolReply
from contracts.effects import arguments_hash, effect_key
from contracts.search_attributes import LONGEST_KEYWORD, WAITING_FOR
from workflows import blocks, steps
from workflows.agent import AgentRun

POSTED_WITHIN = timedelta(minutes=2)
"""How long a question that is settled may still be on its way to Slack."""


async def ask(
    run: AgentRun, step: str, tool: str, arguments: dict[str, JsonValue], why: str, *, kind: QuestionKind = "consent"
) -> ApprovalRecord:
    """Ask, and wait until somebody answers or the question expires."""
    request = _request(run, step, tool, arguments, why).model_copy(update={"kind": kind})
    if earlier := await _answered_before(run, request):
        run.desk.records[request.id] = earlier
        return earlier
    run.desk.ask(request)
    _show_waiting(run)
    await steps.record_approval(run.desk.records[request.id])
    await steps.record_run(run.record("waiting"))
    run.posts[request.id] = asyncio.create_task(_post(run, request))
    await _settled(run, request)
    await _close(run, request.id)
    await steps.record_run(run.record("waiting" if run.desk.open() else "running"))
    return run.desk.records[request.id]


async def _answered_before(run: AgentRun, request: ApprovalRequest) -> ApprovalRecord | None:
    """What a person said of the same call in an earlier attempt of this run: it holds, and isn't asked again."""
    if run.job.attempt == 1:
        return None
    earlier = await steps.read_approval(request.id)
    return earlier if earlier and earlier.decision else None


async def withdraw_questions(run: AgentRun) -> None:
    """Close what is still open: the run is ending without an answer."""
    for request in run.desk.open():
        run.desk.close(request.id, "withdrawn", workflow.now())
        await _close(run, request.id)


async def _close(run: AgentRun, approval: str) -> None:
    """Record a settled question, and show the outcome where it stood."""
    await steps.record_approval(run.desk.records[approval])
    _show_waiting(run)
    # Slack being away holds nothing up: the answer may have come another way.
    run.aside(_close_post(run, run.posts[approval], run.desk.records[approval]))


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
    """Answered, expired, or overtaken by news: then whoever answers would answer for a world that is gone. A doubt is
    about what was begun already and one for more budget is about money: they stand whatever comes.
    """

    def overtaken() -> bool:
        return request.kind == "consent" and request.tool in run.kit.tools and bool(run.reins.came)

    try:
        with run.waiting_for_people():
            await workflow.wait_condition(
                lambda: run.desk.settled(request.id) or overtaken(),
                timeout=request.expires_at - workflow.now(),
                timeout_summary=f"{request.tool} waits for a person until {request.expires_at:%Y-%m-%d %H:%M} UTC",
            )
    except TimeoutError:
        run.desk.close(request.id, "expired", workflow.now())
    run.desk.close(request.id, "superseded", workflow.now())


def _show_waiting(run: AgentRun) -> None:
    waiting = ", ".join(f"{each.tool} {each.id} until {each.expires_at:%Y-%m-%d}" for each in run.desk.open())
    workflow.upsert_search_attributes([WAITING_FOR.value_set(waiting[:LONGEST_KEYWORD] or "nothing")])


async def _post(run: AgentRun, request: ApprovalRequest) -> ToolReply:
    return await run.tell(
        f"{request.step}.ask",
        "post_message",
        request.expires_at - request.asked_at,
        channel=run.kit.channel,
        text=blocks.escape(request.what),
        blocks=blocks.approval(request),
    )


async def _close_post(run: AgentRun, posted: asyncio.Task[ToolReply], record: ApprovalRecord) -> None:
    """Change the message that asked. One that Slack doesn't take for minutes isn't worth posting any more."""
    if not posted.done():
        # A worker that died while it posted is made up for by then; called off at once, nobody would know whether
        # the question stands in Slack with its buttons.
        await workflow.wait([posted], timeout=POSTED_WITHIN.total_seconds())
    if not posted.done():
        posted.cancel()
    try:
        message = (await posted).data
    except (asyncio.CancelledError, ActivityError):
        return
    if "ts" in message:
        await run.tell(
            f"{record.request.step}.answer",
            "update_message",
            steps.MESSAGE_PATIENCE,
            channel=message["channel"],
            ts=message["ts"],
            text=blocks.outcome_line(record),
            blocks=blocks.outcome(record),
        )
