"""What came of the demo: the numbers, and whether they are as they should be. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.approvals import ApprovalRecord
from contracts.calls import RunRecord
from store.door import DoorEntry
from store.story import Story

STAND_IN = "sandbox-rules/"
"""How the model's stand-in begins its name in every answer."""


class Outcome(BaseModel):
    """What `./farm demo --json` prints."""

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    status: str
    runs: int
    """Runs that worked on the burst's deal: one."""

    events_in: int
    """Events that came through the door and were accepted."""

    events_merged: int
    """Events that the one run took together."""

    skipped: int
    """Runs that triage stopped."""

    ignored: int
    """Events turned away at the door: the agent's own echo."""

    approvals: list[dict[str, Any]]
    crm_changes: list[dict[str, Any]]
    mails_sent: list[dict[str, Any]]
    cost_usd: float
    """Of all runs, the skipped ones too."""

    tokens: dict[str, int]
    models: list[str]
    model_is_stand_in: bool
    """The model was rules, and not a language model."""

    links: dict[str, str]
    trace_id: str
    trace_url: str
    trace_store_up: bool
    """Whether Phoenix was there before the demo ended. The job itself needs none."""

    trace_ready: bool
    """Whether the run's whole trace had arrived there."""

    trace_spans: dict[str, int]
    """How many spans of each kind it has: AGENT once, LLM once a model call."""

    ready_after_s: float
    took_s: float


class Gathered(BaseModel):
    """What the outcome is made of."""

    model_config = ConfigDict(frozen=True)

    run: RunRecord
    runs: tuple[RunRecord, ...]
    door: tuple[DoorEntry, ...]
    approvals: tuple[ApprovalRecord, ...]
    crm_changes: tuple[dict[str, Any], ...]
    mails_sent: tuple[dict[str, Any], ...]


def counts(gathered: Gathered) -> dict[str, Any]:
    """The outcome's numbers and lists."""
    door = Counter(entry.outcome for entry in gathered.door)
    of_deal = [run for run in gathered.runs if run.entity == gathered.run.entity and run.status != "skipped"]
    return {
        "workflow_id": gathered.run.run,
        "status": gathered.run.status,
        "runs": len(of_deal),
        "events_in": door["accepted"],
        "events_merged": len(gathered.run.events),
        "skipped": sum(run.status == "skipped" for run in gathered.runs),
        "ignored": door["ignored"],
        "approvals": [_approval(record) for record in gathered.approvals],
        "crm_changes": list(gathered.crm_changes),
        "mails_sent": list(gathered.mails_sent),
        "cost_usd": round(sum(run.cost_usd for run in gathered.runs), 6),
        "trace_id": gathered.run.trace_id,
    }


def thinking(told: Story) -> dict[str, Any]:
    """Which models thought in the run, and how much."""
    models = sorted({moment.model for moment in told.moments if moment.kind == "model"})
    return {
        "tokens": told.usage.model_dump(),
        "models": models,
        "model_is_stand_in": any(model.startswith(STAND_IN) for model in models),
    }


def _approval(record: ApprovalRecord) -> dict[str, Any]:
    decision = record.decision
    return {
        "id": record.request.id,
        "tool": record.request.tool,
        "what": record.request.what,
        "wish": record.request.wish,
        "tainted": record.request.tainted,
        "read": [each.what for each in record.request.read],
        "executed_arguments": record.executed_arguments,
        "status": record.status,
        "by": decision.by if decision else "",
        "channel": decision.channel if decision else "",
        "decided_at": record.decided_at.isoformat() if record.decided_at else "",
        "approved_arguments": record.approved_arguments,
    }


def complaints(outcome: Outcome, burst: int, noise: int, reason: str = "") -> Iterator[str]:
    """What is not as it should be, one sentence each. `burst` and `noise`: how many changes were made."""
    if outcome.status != "done":
        yield f"the run {outcome.workflow_id} ended as {outcome.status!r}: {reason or 'no reason on record'}"
    if outcome.runs != 1:
        yield f"the burst of {burst} changes made {outcome.runs} runs, and should make one"
    if outcome.events_merged < burst:
        yield f"the run took {outcome.events_merged} events, and {burst} changes were made"
    if outcome.skipped < noise:
        yield f"triage stopped {outcome.skipped} runs, and {noise} deals had nothing but noise"
    if not outcome.ignored:
        yield "the agent's own write was not turned away at the door"
    yield from _about_the_mail(outcome)
    if not outcome.crm_changes:
        yield "the agent changed nothing in the CRM"
    if outcome.cost_usd <= 0:
        yield "the run's cost is not known"
    yield from _about_the_trace(outcome)


def _about_the_trace(outcome: Outcome) -> Iterator[str]:
    if not outcome.trace_store_up:
        return
    if not outcome.trace_ready:
        yield f"Phoenix was up, and the run's trace {outcome.trace_id} did not arrive there"
    elif outcome.trace_spans.get("AGENT") != 1:
        yield f"the run's trace has {outcome.trace_spans.get('AGENT', 0)} AGENT spans, and should have one"


def _about_the_mail(outcome: Outcome) -> Iterator[str]:
    mails = [each for each in outcome.approvals if each["tool"].endswith("send_mail")]
    if not mails:
        yield "the agent did not ask to send a follow-up"
    approved = sum(each["status"] == "approved" for each in mails)
    if len(outcome.mails_sent) != approved:
        yield f"{approved} mails were approved and {len(outcome.mails_sent)} were sent"
