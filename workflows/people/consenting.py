"""A person's yes to a call: asked for, and asked for anew where the world has changed before the call could run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue
from temporalio import workflow

from contracts.approvals import ApprovalRecord
from contracts.policy import ApprovalPolicy, Consent, Rule
from workflows import steps
from workflows.people.asking import ask
from workflows.people.pending import as_now, asked_by, falls_short
from workflows.people.preconditions import changes, state_of
from workflows.people.questions import Question
from workflows.people.said_beforehand import allowed_beforehand
from workflows.run.agent_run import HELD_TO_POLICY
from workflows.run.wish import Wish

OVERTAKEN = "This was not done: news came while you worked. Look at it first, and decide then."
UNSTEADY = "People approved this, and each time something had changed before it could run: {}. It was not done."

MOST = 3
"""How often people are asked about one call. What changes faster than they answer is for the agent to look at."""

STILL = "what-an-approval-rests-on-is-read-again"
"""Histories of before run what was approved, whatever has become of the world."""

EXECUTED = "what-was-run-is-recorded"


@dataclass(frozen=True)
class Settled:
    """What came of asking: the approval and what is to run by it; or, where nothing is, what the model is told."""

    record: ApprovalRecord
    arguments: dict[str, JsonValue] | None = None
    told: str = ""
    by: Rule | None = None
    """The rule by which it is to be asked anew, where the one before was not enough."""


async def consented(wish: Wish, rule: Rule) -> Settled:
    """Ask until a yes and the world agree."""
    question = Question(wish.step, wish.use.name, wish.use.arguments, rule.why, rule=rule, proposal=wish.proposal)
    for number in range(1, MOST + 1):
        settled, changed = await _asked(wish, question)
        if not changed:
            return settled
        question = _anew(question, f"{wish.step}.again-{number}", settled, changed)
    return Settled(settled.record, told=UNSTEADY.format(changed))


async def executed(wish: Wish, record: ApprovalRecord, arguments: dict[str, JsonValue]) -> None:
    """Enter with what a call was made: it was proposed, approved, and now it is done."""
    if workflow.patched(EXECUTED):
        done = record.model_copy(update={"executed_arguments": arguments})
        wish.run.desk.records[record.request.id] = done
        await steps.record_approval(done)


def forbidden(rule: Rule) -> str:
    return f"Policy forbids this call of {rule.tool}: {rule.why}."


async def _asked(wish: Wish, question: Question) -> tuple[Settled, str]:
    """What came of one question; and what has changed since it was asked, where that is for people to look at."""
    record = await allowed_beforehand(wish.run, question)
    record = record or await ask(wish.run, await _with_state(wish, question))
    if record.approved_arguments is None or record.status != "approved":
        return Settled(record, told=_refusal(record)), ""
    # An approver may change what is done, and not what nobody may do.
    rule, policies = await _as_now(wish, record)
    if rule.consent is Consent.DENY:
        return Settled(record, told=forbidden(rule)), ""
    is_new = len(policies) > 1 or record.approved_arguments != question.arguments
    short = falls_short(record, rule, policies) if is_new and workflow.patched(HELD_TO_POLICY) else ""
    if short:
        return Settled(record, record.approved_arguments, by=rule), short
    return Settled(record, record.approved_arguments), await _changed(wish, question, record)


async def _as_now(wish: Wish, record: ApprovalRecord) -> tuple[Rule, Sequence[ApprovalPolicy]]:
    """The rule for what was approved, as strict as the run's policy and each that came since would have it."""
    run, arguments = wish.run, record.approved_arguments or {}
    rule, policies = wish.ruling(arguments), [run.policy]
    if not workflow.patched(HELD_TO_POLICY):
        return rule, policies
    policies += await steps.newer_policies(run.spec.name, run.started_at)
    request = record.request.model_copy(update={"arguments": arguments})
    return as_now(request, asked_by(request), wish.nature, wish.circumstances, policies), policies


async def _with_state(wish: Wish, question: Question) -> Question:
    if question.rule is None or not question.rule.still or not workflow.patched(STILL):
        return question
    return replace(
        question, still=await state_of(wish.run, f"{question.step}.before", question.rule, question.arguments)
    )


async def _changed(wish: Wish, question: Question, record: ApprovalRecord) -> str:
    """What isn't as it was when this was asked. A call that an earlier attempt made has changed the world itself."""
    rule, waited = question.rule, workflow.now() - record.request.asked_at
    is_done = record.executed_arguments is not None
    if rule is None or not rule.still or is_done or waited <= wish.run.desk.policy.recheck_after:
        return ""
    if not workflow.patched(STILL):
        return ""
    now = await state_of(wish.run, f"{question.step}.after", rule, record.approved_arguments or {})
    return changes(rule, record.request.still, now)


def _anew(question: Question, step: str, settled: Settled, changed: str) -> Question:
    arguments = question.arguments if settled.arguments is None else settled.arguments
    rule = question.rule
    if rule and settled.by:
        rule = settled.by.model_copy(update={"still": rule.still})
    return replace(
        question, step=step, arguments=arguments, rule=rule, again=settled.record.request.id, changed=changed
    )


def _refusal(record: ApprovalRecord) -> str:
    if record.status == "superseded":
        return OVERTAKEN
    if record.status == "forbidden":
        return "A policy that came meanwhile forbids this, so it was not done."
    if record.status == "expired":
        return "Nobody decided in time, so this was not done."
    reason = record.decision.reason if record.decision else ""
    return f"A person rejected this, so it was not done. Reason: {reason or 'none given'}."
