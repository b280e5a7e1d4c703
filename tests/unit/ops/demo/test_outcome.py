"""The demo's numbers, and what it complains about."""

from datetime import UTC, datetime
from typing import Any

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict
from contracts.calls import RunRecord
from contracts.events import EntityRef, Event
from ops.demo.outcome import Gathered, Outcome, complaints, counts
from store.door import DoorEntry

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BURST, NOISE = 3, 1


def run(number: int, deal: int = 42, status: Any = "done", cost: float = 0.01) -> RunRecord:
    entity = f"deal:{deal}"
    return RunRecord(
        run=f"sales:{entity}/run-{number}", agent="sales", entity=entity, status=status, phase="done", at=NOW,
        cost_usd=cost, events=({"id": "1"}, {"id": "2"}, {"id": "3"}),
    )  # fmt: skip


def entry(outcome: str) -> DoorEntry:
    event = Event(
        id="e", source="pipedrive", kind="deal.change", entity=EntityRef(kind="deal", id="42"), occurred_at=NOW
    )
    return DoorEntry(event=event, outcome=outcome, reason="", agent="sales", workflow_id="", at=NOW)


def approved() -> ApprovalRecord:
    request = ApprovalRequest(
        id="a1", workflow_id="sales:deal:42/run-1", step="s", agent="sales", entity="deal:42", tool="crm__send_mail",
        arguments={"to": "j@b.example"}, arguments_hash="h", what="send mail", asked_at=NOW, expires_at=NOW,
    )  # fmt: skip
    decision = Decision(approval="a1", verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack")
    return ApprovalRecord(request=request, status="approved", decision=decision, decided_at=NOW)


def gathered(**changes: Any) -> Gathered:
    whole: dict[str, Any] = {
        "run": run(1),
        "runs": (run(1), run(1, deal=27, status="skipped", cost=0.001)),
        "door": (entry("accepted"), entry("accepted"), entry("accepted"), entry("accepted"), entry("ignored")),
        "approvals": (approved(),),
        "crm_changes": ({"entity": "note"},),
        "mails_sent": ({"subject": "Re"},),
    }
    return Gathered(**(whole | changes))


def outcome(**changes: Any) -> Outcome:
    return Outcome(
        **counts(gathered(**changes)), tokens={}, models=[], model_is_stand_in=True, links={}, trace_url="",
        trace_store_up=True, trace_ready=True, trace_spans={"AGENT": 1}, ready_after_s=1, took_s=2,
    )  # fmt: skip


def traced(**changes: Any) -> list[str]:
    return list(complaints(outcome().model_copy(update=changes), BURST, NOISE))


def said(**changes: Any) -> list[str]:
    return list(complaints(outcome(**changes), BURST, NOISE))


def test_numbers() -> None:
    """Events, runs, skips, echoes and cost are counted from the records."""
    got = outcome()
    assert (got.runs, got.events_in, got.events_merged, got.skipped, got.ignored) == (1, 4, 3, 1, 1)
    assert got.cost_usd == 0.011
    assert got.approvals[0]["by"] == "U0CLAIRE"


def test_good_demo_has_no_complaint() -> None:
    """When all is as it should be, nothing is said."""
    assert said() == []


def test_second_run_of_the_burst() -> None:
    """A burst that makes two runs is a fault."""
    assert said(runs=(run(1), run(2), run(1, deal=27, status="skipped"))) == [
        "the burst of 3 changes made 2 runs, and should make one"
    ]


def test_failed_run() -> None:
    """A run that failed is named with its reason."""
    wrong = list(complaints(outcome(run=run(1, status="failed")), BURST, NOISE, "no model"))
    assert wrong[0] == "the run sales:deal:42/run-1 ended as 'failed': no model"


def test_noise_that_was_not_stopped() -> None:
    """Noise that triage let through is a fault."""
    assert said(runs=(run(1),)) == ["triage stopped 0 runs, and 1 deals had nothing but noise"]


def test_mail_sent_twice() -> None:
    """One approval is one mail."""
    assert said(mails_sent=({"subject": "Re"}, {"subject": "Re"})) == ["1 mails were approved and 2 were sent"]


def test_mail_without_a_question() -> None:
    """A mail that nobody was asked about is a fault twice over."""
    assert said(approvals=()) == ["the agent did not ask to send a follow-up", "0 mails were approved and 1 were sent"]


def test_answered_echo() -> None:
    """The agent's own write must be turned away at the door."""
    assert said(door=(entry("accepted"),)) == ["the agent's own write was not turned away at the door"]


def test_trace_that_did_not_arrive() -> None:
    """With Phoenix up, a run without a trace is a fault."""
    [wrong] = traced(trace_ready=False, trace_spans={})
    assert "Phoenix was up, and the run's trace" in wrong


def test_trace_store_that_is_away() -> None:
    """Without Phoenix there is nothing to complain of: the job doesn't need it."""
    assert traced(trace_store_up=False, trace_ready=False, trace_spans={}) == []


def test_trace_of_two_agents() -> None:
    """A run is one AGENT span."""
    assert traced(trace_spans={"AGENT": 2}) == ["the run's trace has 2 AGENT spans, and should have one"]
