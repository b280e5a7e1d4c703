"""What a policy that came meanwhile makes of a question, and of the yeses that it has."""

from datetime import UTC, datetime

import pytest

from contracts.agents import ToolNature
from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, Verdict, Vote
from contracts.policy import ApprovalPolicy, Condition, Consent, Rule
from workflows.people.approvals import Desk
from workflows.people.pending import as_now, asked_by, falls_short
from workflows.people.policy import Circumstances

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
TOOL, WRITE, CLEAN = "crm__send_mail", ToolNature(once=True), Circumstances(tainted=False, model="m")
ASK = Rule(tool=TOOL, consent=Consent.ASK, why="it is a mail")
HERS = ASK.model_copy(update={"approvers": ("claire",)})
FOR_TWO = HERS.model_copy(update={"quorum": 2})
PINNED = ApprovalPolicy(rules=(ASK,), approvers=("claire", "tom"), escalation=(("head",), ("owner",)))


def policy(rule: Rule = ASK, **more) -> ApprovalPolicy:
    return PINNED.model_copy(update={"rules": (rule,), **more})


def request(**more) -> ApprovalRequest:
    asked = ApprovalRequest(
        id="a1",
        workflow_id="sales:deal:42/run-1",
        step="orchestrate-1.1",
        agent="sales",
        entity="deal:42",
        tool=TOOL,
        arguments={"to": "j@b.example"},
        arguments_hash="h",
        what="send mail",
        why=ASK.why,
        approvers=PINNED.approvers,
        asked_at=NOW,
        expires_at=NOW.replace(day=30),
        rule=ASK.key,
    )
    return asked.model_copy(update=more)


def yes(by: str, channel: str = "slack") -> Decision:
    return Decision(approval="a1", verdict=Verdict.APPROVE, by=by, channel=channel)


def held(asked: ApprovalRequest, *newer: ApprovalPolicy) -> Rule:
    return as_now(asked, asked_by(asked), WRITE, CLEAN, newer)


def test_a_looser_policy_changes_nothing():
    """Allowed by now, or by more people: who was asked is asked."""
    allowed = policy(ASK.model_copy(update={"consent": Consent.ALLOW}), approvers=("claire", "tom", "eve"))
    assert held(request(), allowed, PINNED) == asked_by(request())


def test_what_is_forbidden_by_its_arguments_is_forbidden():
    """The newer rules read them like any."""
    deny = Rule(tool=TOOL, consent=Consent.DENY, why="a rival", where={"to": Condition(matches="*@b.example")})
    assert held(request(), policy(deny)).consent is Consent.DENY
    assert held(request(arguments={"to": "j@c.example"}), policy(deny)).consent is Consent.ASK


@pytest.mark.parametrize(
    ("asked", "newer", "left"),
    [
        (("claire", "tom"), policy(approvers=("claire",)), ("claire",)),
        (("claire", "tom", "head"), policy(approvers=("claire",)), ("claire", "head")),
        (("claire", "tom", "head"), policy(escalation=(("owner",),)), ("claire", "tom")),
        (("claire", "tom"), policy(ASK.model_copy(update={"approvers": ("head",)})), ("head",)),
        (("claire", "tom"), policy(approvers=()), ("claire", "tom")),
        ((), policy(), ("claire", "tom")),
    ],
)
def test_those_who_may_by_both_policies_may(asked, newer, left):
    """Whoever was asked by an escalation too, where the newer policy escalates to them."""
    assert held(request(approvers=asked), newer).approvers == left


def test_a_removed_approvers_click_is_refused():
    """He is told so like anybody; the question is still open to the others."""
    desk = Desk(policy=PINNED)
    desk.ask(request())
    desk.newer = (policy(approvers=("claire",)),)
    desk.hold_to("a1", held(request(), *desk.newer), NOW)
    assert not desk.decide(yes("tom"), NOW).accepted
    assert desk.decide(yes("claire"), NOW).accepted


def test_a_removed_approvers_yes_counts_no_more():
    """Of two who must agree, one was taken off the list after his yes."""
    desk = Desk(policy=PINNED)
    desk.ask(request(quorum=2))
    assert desk.decide(yes("tom"), NOW).accepted
    desk.newer = (policy(approvers=("claire", "head")),)
    desk.hold_to("a1", held(request(quorum=2), *desk.newer), NOW)
    assert desk.records["a1"].votes == ()


def test_a_forbidden_question_is_closed():
    """Nobody's yes is waited for any more."""
    desk = Desk(policy=PINNED)
    desk.ask(request())
    desk.hold_to("a1", ASK.model_copy(update={"consent": Consent.DENY}), NOW)
    assert desk.records["a1"].status == "forbidden"
    assert "already forbidden" in desk.decide(yes("claire"), NOW).message


def test_whoever_asked_may_not_decide_where_a_newer_policy_says_so():
    """One policy lets people decide on their own wishes, the next doesn't."""
    desk = Desk(policy=PINNED.model_copy(update={"own_wish": True}))
    desk.ask(request(requester="claire"))
    desk.newer = (PINNED,)
    assert "somebody else must decide it" in desk.decide(yes("claire"), NOW).message
    desk.newer = ()
    assert desk.decide(yes("claire"), NOW).accepted


@pytest.mark.parametrize(
    ("decision", "rule", "short"),
    [
        (yes("claire"), asked_by(request()), ""),
        (yes("claire"), FOR_TWO, "policy: 2 people must agree now"),
        (yes("tom"), HERS, "policy: tom is not among those who may decide this"),
        (yes("tom", channel="cli"), HERS, ""),
        (yes("policy", channel="policy"), ASK.model_copy(update={"at_expiry": "default"}), ""),
        (yes("policy", channel="policy"), ASK, "policy: somebody must say yes now"),
        (yes("tom", channel="standing"), FOR_TWO, ""),
    ],
)
def test_an_approval_may_fall_short_by_the_time_it_runs(decision, rule, short):
    """Then people are asked anew, and told why."""
    votes = (Vote(decision=decision, at=NOW),) if decision.channel in {"slack", "cli"} else ()
    record = ApprovalRecord(request=request(), status="approved", decision=decision, decided_at=NOW, votes=votes)
    assert falls_short(record, rule, (PINNED,)) == short
