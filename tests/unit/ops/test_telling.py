"""A run's story as text."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict
from contracts.calls import ModelReply, RunRecord, Usage
from ops.telling import LOST, tell
from store.refused_decisions import RefusedDecision
from store.story import DecidedMoment, EventMoment, ModelMoment, Moment, RefusedMoment, Story, ToolMoment

NOW = datetime(2026, 11, 17, 3, 14, tzinfo=UTC)
RUN = RunRecord(
    run="sales:deal:42/run-1", agent="sales", entity="deal:42", status="failed", phase="orchestrate", at=NOW,
    reason="[the model] did not answer", trace_id="abc",
)  # fmt: skip


def told(*moments: Moment) -> str:
    story = Story(run=RUN, moments=moments, cost_usd=0.0291, usage=Usage(input_tokens=100, output_tokens=7))
    to = Console(file=io.StringIO(), width=200)
    tell(story, to)
    return to.file.getvalue()  # type: ignore[attr-defined]


def test_head_says_what_matters_first() -> None:
    """Run, status, reason and cost come before the moments, brackets and all."""
    text = told()
    assert "sales:deal:42/run-1  failed in orchestrate, 2026-11-17 03:14 UTC" in text
    assert "[the model] did not answer" in text
    assert "$0.0291, 100 tokens in, 7 out, trace abc" in text


def test_head_says_how_much_came_from_the_vendors_cache() -> None:
    """The run's hit rate; nothing of it where nothing was cached."""
    usage = Usage(input_tokens=100, cache_read_tokens=300, output_tokens=7)
    to = Console(file=io.StringIO(), width=200)
    tell(Story(run=RUN, moments=(), cost_usd=0.0291, usage=usage), to)
    assert "$0.0291, 400 tokens in (75% from cache), 7 out" in to.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("saved", "words"), [(0.05, "saved $0.0500"), (-0.01, "cost $0.0100")])
def test_head_says_what_the_vendors_cache_saved(saved: float, words: str) -> None:
    """Or cost, where writing it was dearer than what was read of it."""
    usage = Usage(input_tokens=100, cache_read_tokens=300, output_tokens=7)
    to = Console(file=io.StringIO(), width=200)
    tell(Story(run=RUN, moments=(), cost_usd=0.0291, usage=usage, cache_saved_usd=saved), to)
    assert f"(75% from cache, which {words})" in to.file.getvalue()  # type: ignore[attr-defined]


def test_a_turn_says_that_it_went_in_a_batch_or_was_answered_before() -> None:
    """So that its price can be understood."""
    call = ModelMoment(
        at=NOW, step="learn-1", role="insight", asked="m", model="m", usage=Usage(), cost_usd=0.1,
        latency_s=60, fallback=False, batch=True, reply=ModelReply(head="h"),
    )  # fmt: skip
    assert "60.0 s, in a batch" in told(call)
    again = told(call.model_copy(update={"cached": True, "batch": False}))
    assert "insight m: as it answered the same before, for nothing" in again
    assert "in a batch" not in again


@pytest.mark.parametrize("why", LOST)
def test_a_turn_says_why_the_vendors_cache_was_lost(why: str) -> None:
    """At the turn that paid for it."""
    call = ModelMoment(
        at=NOW, step="orchestrate-2", role="orchestrator", asked="m", model="m", usage=Usage(), cost_usd=0.1,
        latency_s=1, fallback=False, cache_miss=why, reply=ModelReply(head="h"),
    )  # fmt: skip
    assert f"the vendor's cache of the conversation was lost: {LOST[why]}" in told(call)


def test_a_turn_says_what_guardrails_took_out() -> None:
    """By kind and how often."""
    call = ModelMoment(
        at=NOW, step="triage-1", role="triage", asked="m", model="m", usage=Usage(), cost_usd=0.1, latency_s=1,
        fallback=False, reply=ModelReply(head="h", taken_out={"token": 2, "card": 1}),
    )  # fmt: skip
    assert "taken out of what was sent: card 1, token 2" in told(call)


def test_a_turn_says_that_it_had_read_what_looks_like_orders() -> None:
    """Where, and by which words, brackets and all."""
    call = ModelMoment(
        at=NOW, step="orchestrate-2", role="o", asked="m", model="m", usage=Usage(), cost_usd=0.1, latency_s=1,
        fallback=False, reply=ModelReply(head="h", suspicious="crm__list_mails: forged turn ('[INST]')"),
    )  # fmt: skip
    assert "looks like orders to a model: crm__list_mails: forged turn ('[INST]')" in told(call)


def test_moments_stand_in_time() -> None:
    """Each moment has its hour and the seconds since the first."""
    event = EventMoment(at=NOW, event={"kind": "deal.change", "actor": "pipedrive:user:11", "summary": "value 1 -> 2"})
    call = ModelMoment(
        at=NOW + timedelta(seconds=2.5), step="triage-1", role="triage", asked="triage", model="haiku", usage=Usage(),
        cost_usd=0.001, latency_s=1.2, fallback=True, reply=ModelReply(head="h", text="act"),
    )  # fmt: skip
    text = told(event, call)
    assert "deal.change by pipedrive:user:11: value 1 -> 2" in text
    assert "03:14:02" in text
    assert "+2.5 s" in text
    assert "$0.0010, 1.2 s, a standby answered" in text


def test_tool_call_shows_arguments_and_result() -> None:
    """A tool call shows what went in and what came out, and that it failed where it did."""
    call = ToolMoment(
        at=NOW, step="orchestrate-1.1", server="crm", tool="add_note", arguments={"content": "Bonjour"},
        effect_key="0123456789abcdef", is_error=True, latency_s=0.1, result="no such deal",
    )  # fmt: skip
    text = told(call)
    assert 'failed crm.add_note {"content": "Bonjour"} effect 0123456789ab' in text
    assert "-> no such deal" in text


def test_decision_shows_who_and_what_ran_instead() -> None:
    """A decision names the person and the channel, and the arguments that ran where they were edited."""
    request = ApprovalRequest(
        id="a1", workflow_id=RUN.run, step="s", agent="sales", entity="deal:42", tool="crm__send_mail",
        arguments={"to": "a@b.example"}, arguments_hash="h", what="send mail", asked_at=NOW, expires_at=NOW,
    )  # fmt: skip
    decision = Decision(approval="a1", verdict=Verdict.EDIT, by="U0CLAIRE", channel="slack", reason="his new address")
    record = ApprovalRecord(
        request=request, status="approved", decision=decision, decided_at=NOW, approved_arguments={"to": "c@d.example"}
    )
    text = told(DecidedMoment(at=NOW, approval=record))
    assert "approved by U0CLAIRE by way of slack: his new address" in text
    assert 'with other arguments: {"to": "c@d.example"}' in text


def test_a_decision_that_did_not_count_is_told() -> None:
    """Who wanted what, by which way, and what they were told."""
    refused = RefusedDecision(
        run=RUN.run, approval="a1", by="U0INES", channel="slack", verdict="approve", reason="not among those", at=NOW
    )
    assert "refused  approve of a1 by U0INES by way of slack: not among those" in told(
        RefusedMoment(at=NOW, refused=refused)
    )


def test_a_standby_is_told_with_whom_it_stood_in_for() -> None:
    """No downgrade is silent: both models stand in the line."""
    reply = ModelReply(head="h", text="act", instead_of="strong-1")
    call = ModelMoment(
        at=NOW, step="orchestrate-1", role="orchestrator", asked="strong-1", model="strong-0", usage=Usage(),
        cost_usd=0.001, latency_s=1.2, fallback=True, reply=reply,
    )  # fmt: skip
    assert "orchestrator strong-0: 0 -> 0 tokens, $0.0010, 1.2 s, a standby answered instead of strong-1" in told(call)
