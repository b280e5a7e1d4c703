"""Who may decide: by every name, in somebody's place, for a second time, on one's own wish."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from contracts.approvals import Always, Verdict
from contracts.effects import arguments_hash
from contracts.people import Deputy, Hours, Person
from contracts.policy import ApprovalPolicy, Consent, Reminders, Rule
from tests.unit.workflows.samples import MAIL, NOON, decision, request
from workflows.people.approvals import Desk
from workflows.people.terms import reminder, term

CLAIRE = Person(id="U0CLAIRE", also=("claire@chaleo.example", "pipedrive:user:11"), hours=Hours())
TOM = Person(id="U0TOM", also=("tom",))
TODAY = date(2026, 11, 23)
POLICY = ApprovalPolicy(
    people=(CLAIRE, TOM),
    deputies=(
        Deputy(of="U0CLAIRE", by="U0INES", since=TODAY, until=TODAY),
        Deputy(of="U0INES", by="U0NOAH"),
    ),
    escalation=(("U0HEAD",), ("U0OWNER",)),
)
SHORTER = {**MAIL, "body": "Bonjour Julien"}


def desk(**of_the_request) -> Desk:
    found = Desk(policy=POLICY)
    found.ask(request(**of_the_request))
    return found


def test_a_person_decides_by_any_of_her_names():
    """The inbox page knows her by her address, the approvers by her Slack id."""
    assert desk().decide(decision(by="Claire@chaleo.example", channel="page"), NOON).accepted


@pytest.mark.parametrize(
    ("by", "days_later", "counts"),
    [("U0INES", 0, True), ("U0INES", 1, False), ("U0INES", -1, False), ("U0NOAH", 0, False)],
)
def test_a_deputy_decides_in_a_place_on_the_days_of_it(by, days_later, counts):
    """And a deputy's deputy doesn't."""
    moment = NOON + timedelta(days=days_later)
    assert desk(expires_at=NOON + timedelta(days=9)).decide(decision(by=by), moment).accepted is counts


@pytest.mark.parametrize("channel", ["slack", "page", "cli", "operator"])
def test_nobody_decides_on_his_own_wish(channel):
    """Neither by another name, nor from the command line."""
    asked = desk(requester="pipedrive:user:11")
    refused = asked.decide(decision(by="claire@chaleo.example", channel=channel), NOON)
    assert (refused.accepted, refused.message) == (
        False,
        "claire@chaleo.example asked for this, and somebody else must decide it",
    )
    assert asked.decide(decision(by="U0TOM"), NOON).accepted


def test_where_policy_says_so_she_does():
    asked = desk(requester="pipedrive:user:11")
    asked.policy = POLICY.model_copy(update={"own_wish": True})
    assert asked.decide(decision(by="U0CLAIRE"), NOON).accepted


def test_two_people_are_two_people():
    """One who says yes twice, under another name too, is one; the second settles it, and both are on record."""
    asked = desk(quorum=2)
    assert asked.decide(decision(by="U0CLAIRE"), NOON).message == "counted: 1 of the 2 who must agree"
    assert not asked.settled("a1")
    again = asked.decide(decision(by="claire@chaleo.example", channel="page"), NOON)
    assert (again.accepted, again.message) == (
        False,
        "claire@chaleo.example has said yes already, and 2 different people must",
    )
    assert asked.decide(decision(by="U0TOM"), NOON).message == "approved by U0TOM"
    record = asked.records["a1"]
    assert [vote.decision.by for vote in record.votes] == ["U0CLAIRE", "U0TOM"]
    assert (record.status, record.approved_arguments) == ("approved", MAIL)


def test_one_no_of_two_is_a_no():
    asked = desk(quorum=2)
    asked.decide(decision(by="U0CLAIRE"), NOON)
    assert asked.decide(decision(Verdict.REJECT, by="U0TOM"), NOON).accepted
    assert (asked.records["a1"].status, asked.records["a1"].approved_arguments) == ("rejected", None)


def test_who_edits_says_yes_to_something_else():
    """Those before must agree anew, and to what would run now: a yes to what they saw before doesn't count."""
    asked = desk(quorum=2)
    before = asked.records["a1"].request.arguments
    asked.decide(decision(by="U0CLAIRE"), NOON)
    assert asked.decide(decision(Verdict.EDIT, by="U0TOM", arguments=SHORTER), NOON).accepted
    assert not asked.settled("a1")
    stale = asked.decide(decision(by="U0CLAIRE", arguments_hash=arguments_hash(before)), NOON)
    assert "not what would run now" in stale.message
    assert asked.decide(decision(by="U0CLAIRE", arguments_hash=arguments_hash(SHORTER)), NOON).accepted
    assert (asked.records["a1"].status, asked.records["a1"].approved_arguments) == ("approved", SHORTER)


def test_a_half_approved_call_that_expires_is_not_done():
    asked = desk(quorum=2, at_expiry="default")
    asked.decide(decision(by="U0CLAIRE"), NOON)
    asked.lapse("a1", NOON + timedelta(days=3))
    assert (asked.records["a1"].status, asked.records["a1"].approved_arguments) == ("expired", None)


def test_silence_is_consent_where_policy_says_so():
    asked = desk(at_expiry="default")
    asked.lapse("a1", NOON + timedelta(days=3))
    record = asked.records["a1"]
    assert (record.status, record.approved_arguments) == ("approved", MAIL)
    assert (record.decision.by, record.decision.channel) == ("policy", "policy")


def test_silence_never_grants_more_money():
    """Whatever policy says of what has no rule: a run would go on for ever, and nobody had said so."""
    asked = desk(at_expiry="default", tool="farm__extend_budget")
    asked.lapse("a1", NOON + timedelta(days=3))
    assert asked.records["a1"].status == "expired"


def test_a_question_without_an_answer_has_its_default():
    asked = desk(kind="question", default="wait")
    asked.lapse("a1", NOON + timedelta(days=3))
    record = asked.records["a1"]
    assert (record.status, record.decision.answer, record.decision.channel) == ("answered", "wait", "policy")


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("question", decision(), "a question in words"),
        ("question", decision(Verdict.ANSWER, answer=" "), "needs some words"),
        ("consent", decision(Verdict.ANSWER, answer="yes"), "approve, edit or reject"),
        ("doubt", decision(Verdict.ANSWER, answer="yes"), "can't be edited any more"),
    ],
)
def test_an_answer_belongs_to_a_question(kind, given, told):
    receipt = desk(kind=kind).decide(given, NOON)
    assert not receipt.accepted
    assert told in receipt.message


def test_an_answer_settles_a_question():
    asked = desk(kind="question")
    assert asked.decide(decision(Verdict.ANSWER, answer="the blue one"), NOON).message == "answered by U0CLAIRE"
    assert asked.records["a1"].decision.answer == "the blue one"


def until(days: int, scope: str = "entity") -> Always:
    return Always(scope=scope, until=TODAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("standing", "always", "told"),
    [
        (None, until(7), "can't be allowed beforehand"),
        ("entity", until(7, "agent"), "for deal:42 only"),
        ("agent", until(-1), "from today to 2027-02-21"),
        ("agent", until(91), "from today to 2027-02-21"),
    ],
)
def test_no_more_is_allowed_beforehand_than_policy_permits(standing, always, told):
    receipt = desk(standing=standing).decide(decision(always=always), NOON)
    assert not receipt.accepted
    assert told in receipt.message


@pytest.mark.parametrize(("standing", "scope"), [("entity", "entity"), ("agent", "entity"), ("agent", "agent")])
def test_what_policy_permits_may_be_allowed_beforehand(standing, scope):
    assert desk(standing=standing).decide(decision(always=until(90, scope)), NOON).accepted


def test_each_escalation_asks_some_more_people():
    """Those who were asked before still may, and from the last on the time is over."""
    asked, later = desk(at_expiry="escalate"), NOON + timedelta(days=6)
    assert not asked.decide(decision(by="U0HEAD"), NOON).accepted
    asked.escalate("a1", later)
    assert asked.records["a1"].request.approvers == ("U0CLAIRE", "U0TOM", "U0HEAD")
    assert asked.records["a1"].request.expires_at == later
    assert asked.decide(decision(by="U0HEAD"), NOON + timedelta(days=4)).accepted


def test_the_instant_of_expiry_is_too_late_where_nobody_else_is_asked():
    """Where somebody is, the question goes on, and an answer at that instant counts."""
    end = NOON + timedelta(days=3)
    assert "expired" in desk().decide(decision(), end).message
    assert desk(at_expiry="escalate").decide(decision(), end).accepted
    assert "expired" in desk(at_expiry="escalate", level=2).decide(decision(), end).message


def test_an_empty_list_of_approvers_stays_everybody():
    asked = desk(approvers=(), at_expiry="escalate")
    asked.escalate("a1", NOON)
    assert asked.records["a1"].request.approvers == ()


def test_a_term_leaves_some_working_time():
    """Asked on Friday evening for four hours: not before Monday at ten. Three days are long enough as they are."""
    friday_evening = NOON + timedelta(days=4, hours=8)
    short = POLICY.model_copy(update={"expires_after": timedelta(hours=4)})
    assert term(short, ("U0CLAIRE",), friday_evening) == NOON + timedelta(days=7, hours=-3)
    assert term(short, ("U0CLAIRE", "U0TOM"), friday_evening) == friday_evening + timedelta(hours=4)
    assert term(POLICY, ("U0CLAIRE",), NOON) == NOON + timedelta(days=3)


def test_reminders_come_ever_more_seldom_and_at_work():
    """At 15:00 in Paris; what is due at 19:00 and at three in the night is one at nine; and so the next day."""
    policy = POLICY.model_copy(update={"reminders": Reminders(first=timedelta(hours=2), most=4), "deputies": ()})
    found, moment = [], NOON
    while due := reminder(policy, ("U0CLAIRE",), NOON, after=moment):
        found.append((due - NOON) / timedelta(hours=1))
        moment = due
    assert found == [2, 20, 44]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: Rule(tool="t", consent=Consent.ASK, quorum=2, standing="entity"), "needs 2 people"),
        (lambda: ApprovalPolicy(at_expiry="escalate"), "names nobody, and the policy escalates"),
        (
            lambda: ApprovalPolicy(rules=(Rule(tool="crm__x", consent=Consent.ASK, at_expiry="escalate"),)),
            "names nobody, and crm__x escalates",
        ),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        wrong()
