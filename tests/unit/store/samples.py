"""Small values that the store's tests write, each with one thing to vary."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict
from contracts.calls import CallSite, ModelCall, ModelReply, RunRecord, ToolCall, ToolReply, Usage
from contracts.events import EntityRef, Event
from contracts.prices import Rates

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RUN = "sales:deal:42/run-1"


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def site(step: str = "orchestrate-1", run: str = RUN) -> CallSite:
    return CallSite(run=run, step=step)


def model_call(step: str = "orchestrate-1", run: str = RUN) -> ModelCall:
    return ModelCall(site=site(step, run), role="orchestrator", prompt="orchestrate", say="What next?")


def model_reply(text: str = "A follow-up.", cost_usd: float = 0.0123) -> ModelReply:
    usage = Usage(input_tokens=100, output_tokens=20, cache_read_tokens=7, cache_write_tokens=3)
    return ModelReply(head="b" * 64, text=text, model="rules-1", usage=usage, cost_usd=cost_usd)


def rates(**changes: Any) -> Rates:
    figures = {"input": 3e-6, "output": 15e-6, "cache_read": 3e-7, "cache_write": 3.75e-6, "cache_write_1h": 6e-6}
    return Rates.model_validate({"model": "sonnet", "version": "test #1", "batch": 0.5, **figures, **changes})


def tool_call(step: str = "orchestrate-1.1", run: str = RUN, **arguments: Any) -> ToolCall:
    return ToolCall(site=site(step, run), server="crm", tool="add_note", arguments=arguments, effect_key="key-1")


def tool_reply(ref: str = "c" * 64, preview: str = "Note 7 added") -> ToolReply:
    return ToolReply(ref=ref, preview=preview, data={"note_id": 7})


def run_record(run: str = RUN, **changes: Any) -> RunRecord:
    values = {"agent": "sales", "entity": "deal:42", "status": "running", "phase": "triage", "at": NOON}
    return RunRecord.model_validate({"run": run} | values | changes)


def approval(
    status: Literal["pending", "approved", "rejected"] = "pending", name: str = "approval-1", asked_at: datetime = NOON
) -> ApprovalRecord:
    request = ApprovalRequest(
        id=name,
        workflow_id=RUN,
        step="orchestrate-1.1",
        agent="sales",
        entity="deal:42",
        tool="crm__send_mail",
        arguments={"to": "julien@example.com"},
        arguments_hash="d" * 64,
        what="Send a mail to Julien Moreau",
        asked_at=asked_at,
        expires_at=asked_at + timedelta(days=3),
    )
    if status == "pending":
        return ApprovalRecord(request=request)
    decision = Decision(approval=name, verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
    return ApprovalRecord(request=request, status=status, decision=decision, decided_at=asked_at + timedelta(minutes=5))


def event(name: str = "event-1", deal: str = "42") -> Event:
    return Event(
        id=name, source="pipedrive", kind="deal.change", entity=EntityRef(kind="deal", id=deal), occurred_at=NOON
    )
