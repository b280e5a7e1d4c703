"""A question to a person, in lines of plain text: what it is about, who may decide, and what came of it."""

import json
from collections.abc import Iterator, Mapping

from contracts.approvals import ApprovalRecord, ApprovalRequest
from contracts.policy import AtExpiry
from workflows.people.verdicts import said

AT_EXPIRY: Mapping[AtExpiry, str] = {
    "reject": "it isn't done",
    "escalate": "further people are asked",
    "default": "it is done",
}


def facts(record: ApprovalRecord) -> Iterator[str]:
    """What whoever decides should know, a line each; nothing of what isn't so."""
    request = record.request
    if request.wish:
        yield f"The agent says: {request.wish}"
    if request.why:
        yield f"{'Did it happen?' if request.kind == 'doubt' else 'Because:'} {request.why}"
    if request.risk != "normal":
        yield f"Risk: {request.risk}"
    if request.tainted:
        yield f"The run has read what strangers wrote: {request.tainted}"
    if request.suspicious:
        yield f"Something it read looks like orders to a model: {request.suspicious}"
    if request.again:
        yield f"Asked anew, after {request.again} was approved: {request.changed}"
    for each in request.read:
        yield f"It had read {each.what}{f' ({each.url})' if each.url else ''}"
    if request.choices:
        yield f"Answers offered: {', '.join(request.choices)}"
    yield from _people(record)


def decided(record: ApprovalRecord) -> Iterator[str]:
    """What came of it, and how it came to it."""
    decision, request = record.decision, record.request
    if decision is None:
        yield f"nobody answered: {record.status}"
    else:
        reason = f": {decision.answer or decision.reason}" if decision.answer or decision.reason else ""
        yield f"{said(request, record.status)} by {decision.by} by way of {decision.channel}{reason}"
    if record.approved_arguments not in (None, request.arguments):
        yield f"with other arguments: {json.dumps(record.approved_arguments, ensure_ascii=False)}"
    if decision and decision.always:
        whose = request.entity if decision.always.scope == "entity" else f"all that {request.agent} does"
        yield f"and so are the next of their kind for {whose}, until {decision.always.until}"
    if len(record.votes) > 1:
        yield f"agreed: {', '.join(f'{each.decision.by} at {each.at:%Y-%m-%d %H:%M}' for each in record.votes)}"
    yield from _silence(record)


def _people(record: ApprovalRecord) -> Iterator[str]:
    request = record.request
    who = ", ".join(request.approvers) or "anybody who reaches it"
    yes = f", {request.quorum} of them must agree ({len(record.votes)} did)" if request.quorum > 1 else ""
    yield f"May decide: {who}{yes}"
    yield f"If nobody does: {_at_expiry(request)}"


def _at_expiry(request: ApprovalRequest) -> str:
    if request.kind == "question":
        return f"the answer is {request.default!r}" if request.default else "it goes on without an answer"
    if request.kind == "doubt":
        return "it stays in doubt and isn't done again"
    return AT_EXPIRY[request.at_expiry]


def _silence(record: ApprovalRecord) -> Iterator[str]:
    reminded, level = len(record.reminded_at), record.request.level
    if reminded or level:
        yield f"reminded: {reminded} times, further people asked: {level} times"
