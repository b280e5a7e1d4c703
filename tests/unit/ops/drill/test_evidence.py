"""What the drill reads out of the CRM's and Slack's own records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict
from ops.demo.sandboxes import AGENT_USER
from ops.drill.evidence import _in_crm, _in_slack, _sent
from workflows.people import blocks
from workflows.sales.answers import RunReport

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
QUESTION = ApprovalRequest.model_validate(
    {
        "id": "a0f99660ca", "workflow_id": "sales:deal:101/run-2", "step": "orchestrate-4.1", "agent": "sales",
        "entity": "deal:101", "tool": "crm__send_mail", "arguments": {"deal_id": 101}, "arguments_hash": "h",
        "what": "send mail", "why": "a mail", "approvers": ["U0CLAIRE"], "asked_at": NOW, "expires_at": NOW,
        "cost_usd": 0,
    }
)  # fmt: skip
ANSWERED = ApprovalRecord(
    request=QUESTION,
    status="approved",
    decision=Decision(approval="a0f99660ca", verdict=Verdict.APPROVE, by="U0CLAIRE", channel="slack"),
    decided_at=NOW,
    approved_arguments={"deal_id": 101},
)
REPORT = RunReport(headline="A quote", what_happened="deal:7 · `x`", what_i_did=[], next_step="wait")


def posted(body: list[Any], ts: str = "1.0", key: str = "k1") -> dict[str, Any]:
    return {"ts": ts, "blocks": body, "metadata": {"event_type": "farmstead_effect", "event_payload": {"key": key}}}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (blocks.approval(QUESTION), "question"),
        (blocks.outcome(ANSWERED), "question"),
        (blocks.report(REPORT, "deal:101", "sales:deal:101/run-2", 0.02), "report"),
    ],
    ids=["asked", "answered", "report"],
)
def test_each_message_is_counted_as_what_it_is(body: list[Any], kind: str) -> None:
    """A question counts before and after its answer, a report by the run at its foot; each by its effect's key."""
    assert list(_in_slack([posted(body)])) == [(kind, 101, "k1")]


def test_a_reply_that_is_shown_in_the_channel_too_is_one_message() -> None:
    """A report in its run's thread stands below the question and beside it."""
    question = posted(list(blocks.outcome(ANSWERED)))
    report = posted(list(blocks.report(REPORT, "deal:101", "sales:deal:101/run-2", 0.02)), "2.0", "k2")
    found = list(_in_slack([question | {"replies": [report]}, report | {"replies": []}]))
    assert found == [("question", 101, "k1"), ("report", 101, "k2")]


def change(entity: str, action: str, field: str = "", user: int = AGENT_USER, new: object = "text") -> dict[str, Any]:
    return {
        "entity": entity, "entity_id": 5, "action": action, "field": field, "user_id": user, "deal_id": 101, "new": new,
    }  # fmt: skip


def test_the_agents_writes_are_counted_and_nobody_elses() -> None:
    """A note by its text with the mark, an activity by its number, a title by its words."""
    log = [
        change("note", "create", new="text [farmstead 1]"),
        change("activity", "create"),
        change("deal", "change", "title", new="72 radiateurs"),
        change("deal", "create"),
        change("note", "create", user=13),
    ]
    assert list(_in_crm(log)) == [
        ("note create", 101, "text [farmstead 1]"),
        ("activity create", 101, "5"),
        ("deal change title", 101, "72 radiateurs"),
    ]


def delivery(event: str, user: int, deal: int, state: str = "delivered") -> dict[str, Any]:
    meta = {
        "version": "2.0", "action": "change", "entity": "deal", "entity_id": deal, "timestamp": NOW.isoformat(),
        "id": event, "user_id": user,
    }  # fmt: skip
    return {"payload": {"meta": meta, "data": {"id": deal}, "previous": {}}, "state": state}


def test_events_are_what_people_did_on_the_drills_deals() -> None:
    """The agent's own echo and other deals are no events to be found again; one that was given up is told."""
    sent = [
        delivery("a", 11, 101),
        delivery("b", AGENT_USER, 101),
        delivery("c", 11, 7),
        delivery("d", 11, 101, "failed"),
    ]
    assert _sent(sent, {101}) == (frozenset({"a", "d"}), 1)
