"""From a question to its answer: who is asked is reminded, further people are asked, and at the last it lapses."""

from datetime import datetime

from temporalio import workflow

from contracts.approvals import ApprovalRecord, ApprovalRequest
from contracts.approvers import may_decide
from contracts.search_attributes import COST_USD, LONGEST_KEYWORD, WAITING_FOR
from workflows import steps
from workflows.people import nudges, posts
from workflows.people.approvers import goes_further
from workflows.people.terms import reminder, term
from workflows.run.agent_run import AgentRun

KEPT_UP = "those-who-are-asked-are-reminded"
"""Histories of before wait for one answer until one moment."""


async def answered(run: AgentRun, approval: str) -> None:
    """Return when a question is settled: answered, lapsed, or overtaken by news, where whoever answers would answer for
    a world that is gone.
    """
    since = workflow.now()
    with run.waiting_for_people():
        while not run.desk.settled(approval):
            before = run.desk.records[approval]
            try:
                await _something(run, before, _next(run, before.request, since))
            except TimeoutError:
                since = await _time_is_up(run, before.request, since)
            else:
                await _something_came(run, before)


def show_waiting(run: AgentRun) -> None:
    waiting = ", ".join(f"{each.tool} {each.id} until {each.expires_at:%Y-%m-%d}" for each in run.desk.open())
    told = WAITING_FOR.value_set(waiting[:LONGEST_KEYWORD] or "nothing")
    workflow.upsert_search_attributes([told, COST_USD.value_set(run.meter.cost_usd)])


def _next(run: AgentRun, request: ApprovalRequest, since: datetime) -> datetime:
    """When there is something to do though nobody answers."""
    if not workflow.patched(KEPT_UP):
        return request.expires_at
    due = reminder(run.desk.policy, request.approvers, since, after=workflow.now())
    return min(due, request.expires_at) if due else request.expires_at


async def _something(run: AgentRun, before: ApprovalRecord, until: datetime) -> None:
    request = before.request
    await workflow.wait_condition(
        lambda: run.desk.records[request.id] is not before or _overtaken(run, request),
        timeout=until - workflow.now(),
        timeout_summary=f"{request.tool} waits for a person until {request.expires_at:%Y-%m-%d %H:%M} UTC",
    )


def _overtaken(run: AgentRun, request: ApprovalRequest) -> bool:
    """A doubt is about what was begun already, and a question about money or in words is none of a call that the news
    might make wrong: they stand whatever comes.
    """
    return request.kind == "consent" and request.tool in run.kit.tools and bool(run.reins.came)


async def _something_came(run: AgentRun, before: ApprovalRecord) -> None:
    request, record = before.request, run.desk.records[before.request.id]
    if _overtaken(run, request):
        run.desk.close(request.id, "superseded", workflow.now())
    elif record.status == "pending":
        await steps.record_approval(record)
        run.aside(posts.refresh(run, record, f"vote-{len(record.votes)}-of-{request.quorum}"))


async def _time_is_up(run: AgentRun, request: ApprovalRequest, since: datetime) -> datetime:
    """Remind, escalate or let it lapse. Since when those are asked who are asked now."""
    now = workflow.now()
    if now < request.expires_at:
        await _remind(run, request, now)
        return since
    if not goes_further(run.desk.policy, request):
        run.desk.lapse(request.id, now)
        return since
    await _escalate(run, request, now)
    return now


async def _remind(run: AgentRun, request: ApprovalRequest, now: datetime) -> None:
    number = run.desk.remind(request.id, now)
    await steps.record_approval(run.desk.records[request.id])
    text = nudges.reminder(request, may_decide(run.desk.policy, request.approvers, now))
    run.aside(posts.nudge(run, request, f"reminder-{number}", text))


async def _escalate(run: AgentRun, request: ApprovalRequest, now: datetime) -> None:
    further = run.desk.policy.escalation[request.level]
    run.desk.escalate(request.id, term(run.desk.policy, further, now))
    record = run.desk.records[request.id]
    show_waiting(run)
    await steps.record_approval(record)
    level = f"level-{record.request.level}"
    text = nudges.escalation(record.request, may_decide(run.desk.policy, further, now))
    run.aside(posts.nudge(run, record.request, level, text))
    run.aside(posts.refresh(run, record, f"{level}.shown"))
