"""A call that a person has allowed before it was ever asked about."""

from temporalio import workflow

from contracts.approvals import ApprovalRecord, Decision, Verdict
from contracts.standing import StandingConsent, WantedCall
from workflows import steps
from workflows.people.questions import Question, request_of
from workflows.run.agent_run import AgentRun


async def allowed_beforehand(run: AgentRun, question: Question) -> ApprovalRecord | None:
    """The approval that a standing consent makes of the question, on record; None where the question is to be asked.

    Policy has the last word: a rule that permits none any more, or has other words than the one that asked, asks.
    """
    rule = question.rule
    if rule is None or rule.standing is None:
        return None
    call = WantedCall(agent=run.spec.name, entity=str(run.job.entity), tool=question.tool, rule=rule.key)
    consent = await steps.standing_consent(call)
    if consent is None or (rule.standing == "entity" and not consent.entity):
        return None
    record = _approved(run, question, consent)
    run.desk.records[record.request.id] = record
    await steps.record_approval(record)
    return record


def _approved(run: AgentRun, question: Question, consent: StandingConsent) -> ApprovalRecord:
    request = request_of(run, question)
    said = f"said beforehand on {consent.given_at:%Y-%m-%d} ({consent.approval}), until {consent.until}"
    decision = Decision(approval=request.id, verdict=Verdict.APPROVE, by=consent.by, channel="standing", reason=said)
    return ApprovalRecord(
        request=request,
        status="approved",
        decision=decision,
        decided_at=workflow.now(),
        approved_arguments=request.arguments,
    )
