"""Asking a person: the question is recorded, posted in Slack, waited for, and closed where it stood."""

import asyncio

from temporalio import workflow

from contracts.approvals import ApprovalRecord, ApprovalRequest
from workflows import steps
from workflows.people import posts
from workflows.people.questions import Question, request_of
from workflows.people.unanswered import answered, show_waiting
from workflows.run.agent_run import AgentRun


async def ask(run: AgentRun, question: Question) -> ApprovalRecord:
    """Ask, and wait until somebody answers or nobody may any more."""
    request = request_of(run, question)
    if earlier := await _answered_before(run, request):
        run.desk.records[request.id] = earlier
        return earlier
    run.desk.ask(request)
    show_waiting(run)
    await steps.record_approval(run.desk.records[request.id])
    await steps.record_run(run.record("waiting"))
    run.posts[request.id] = asyncio.create_task(posts.post(run, request))
    await answered(run, request.id)
    await _close(run, request.id)
    await steps.record_run(run.record("waiting" if run.desk.open() else "running"))
    return run.desk.records[request.id]


async def withdraw_questions(run: AgentRun) -> None:
    """Close what is still open: the run is ending without an answer."""
    for request in run.desk.open():
        run.desk.close(request.id, "withdrawn", workflow.now())
        await _close(run, request.id)


async def _answered_before(run: AgentRun, request: ApprovalRequest) -> ApprovalRecord | None:
    """What a person said of the same call in an earlier attempt of this run: it holds, and isn't asked again."""
    if run.job.attempt == 1:
        return None
    earlier = await steps.read_approval(request.id)
    return earlier if earlier and earlier.decision else None


async def _close(run: AgentRun, approval: str) -> None:
    """Record a settled question, and show the outcome where it stood."""
    record = run.desk.records[approval]
    await steps.record_approval(record)
    show_waiting(run)
    # Slack being away holds nothing up: the answer may have come another way.
    run.aside(posts.close(run, record))
