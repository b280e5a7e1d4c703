"""What is asked of a person, made from what a run wants and what its policy says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue
from temporalio import workflow

from contracts.approvals import ApprovalRequest, QuestionKind
from contracts.effects import arguments_hash, effect_key
from contracts.policy import Consent, Rule
from workflows.people import blocks
from workflows.people.terms import term
from workflows.run.agent_run import AgentRun
from workflows.run.facts import NOBODYS_IDEA, Proposal, requester


@dataclass(frozen=True)
class Question:
    """A question of one run, before it is asked. `why`: what makes it one that a person must answer."""

    step: str
    tool: str
    arguments: dict[str, JsonValue]
    why: str
    kind: QuestionKind = "consent"
    rule: Rule | None = None
    """The line of policy that wants it asked; None where it isn't about a call that policy rules."""

    what: str = ""
    """In plain words; empty for the call's own."""

    choices: tuple[str, ...] = ()
    default: str = ""
    still: Mapping[str, JsonValue] = field(default_factory=dict)
    """What must still be so when it runs, as it is now."""

    again: str = ""
    changed: str = ""
    proposal: Proposal = NOBODYS_IDEA
    """The turn of a model that wants it; empty where none does."""


def request_of(run: AgentRun, question: Question) -> ApprovalRequest:
    """The question with all that is known of it, from now on to be answered."""
    now, policy = workflow.now(), run.desk.policy
    rule = question.rule or Rule(tool=question.tool, consent=Consent.ASK)
    approvers = rule.approvers or policy.approvers
    return ApprovalRequest(
        id=effect_key(run.site(question.step), question.tool, question.arguments)[:10],
        kind=question.kind,
        workflow_id=run.run_id,
        step=question.step,
        agent=run.spec.name,
        entity=str(run.job.entity),
        tool=question.tool,
        arguments=question.arguments,
        arguments_hash=arguments_hash(question.arguments),
        what=question.what or blocks.in_words(question.tool, question.arguments),
        why=question.why,
        wish=question.proposal.words,
        proposed_by=question.proposal.model,
        read=tuple(run.known.readings),
        tainted=run.known.tainted,
        suspicious=run.known.suspicious,
        requester=requester(run.job.events),
        risk=rule.risk,
        approvers=approvers,
        quorum=rule.quorum,
        asked_at=now,
        expires_at=term(policy, approvers, now),
        at_expiry=rule.at_expiry or policy.at_expiry,
        standing=rule.standing,
        rule=question.rule.key if question.rule else "",
        choices=question.choices,
        still=dict(question.still),
        again=question.again,
        changed=question.changed,
        default=question.default,
        cost_usd=run.meter.cost_usd,
    )
