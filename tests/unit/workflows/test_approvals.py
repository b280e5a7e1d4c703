"""Policy and the desk: what is asked, and which answers count."""

from datetime import timedelta

import pytest

from contracts.approvals import Verdict
from tests.unit.workflows.samples import MAIL, NOON, decision, request
from workflows.people.approvals import Desk

LATER = NOON + timedelta(hours=2)
EXPIRY = NOON + timedelta(days=3)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.ask(request())
    return desk


def test_an_approval_runs_what_was_shown(desk):
    """Approved is what the person saw, and who, when and how are kept."""
    receipt = desk.decide(decision(), LATER)
    record = desk.records["a1"]
    assert receipt.accepted
    assert (record.status, record.decided_at, record.approved_arguments) == ("approved", LATER, MAIL)
    assert record.decision == decision()
    assert desk.open() == ()


def test_an_edit_runs_the_edited_arguments(desk):
    """Proposed and executed arguments are both kept."""
    shorter = {**MAIL, "body": "Bonjour Julien"}
    assert desk.decide(decision(Verdict.EDIT, arguments=shorter), LATER).accepted
    record = desk.records["a1"]
    assert (record.status, record.request.arguments, record.approved_arguments) == ("approved", MAIL, shorter)


def test_a_rejection_runs_nothing(desk):
    """Whatever arguments come with it."""
    assert desk.decide(decision(Verdict.REJECT, arguments=MAIL), LATER).accepted
    assert (desk.records["a1"].status, desk.records["a1"].approved_arguments) == ("rejected", None)


@pytest.mark.parametrize(
    ("said", "at", "told"),
    [
        (decision(approval="a9"), LATER, "this run has no approval 'a9'"),
        (decision(), EXPIRY, "too late: it expired at 2026-11-26 12:00 UTC"),
        (decision(by="U0INES"), LATER, "U0INES is not among those who may decide"),
        (decision(by="U0INES", channel="page"), LATER, "U0INES is not among those who may decide"),
        (decision(Verdict.EDIT), LATER, "an edit needs the arguments"),
        (decision(Verdict.EDIT, arguments={}), LATER, "an edit needs the arguments"),
        (
            decision(Verdict.APPROVE, arguments={"to": "else"}),
            LATER,
            "approve takes no arguments: to change them, edit",
        ),
    ],
)
def test_a_decision_that_does_not_count_is_told_why(desk, said, at, told):
    """A refused decision changes nothing, and its sender hears the reason."""
    receipt = desk.decide(said, at)
    assert not receipt.accepted
    assert told in receipt.message
    assert desk.open() == (request(),)


@pytest.mark.parametrize(
    ("verdict", "status", "executed", "told"),
    [
        (Verdict.HAPPENED, "happened", None, "said to have happened by U0CLAIRE"),
        (Verdict.APPROVE, "approved", MAIL, "to be done again, as decided by U0CLAIRE"),
        (Verdict.REJECT, "rejected", None, "skipped by U0CLAIRE"),
    ],
)
def test_a_doubt_has_three_answers(verdict, status, executed, told):
    """It happened, do it, skip; each in words that fit."""
    desk = Desk()
    desk.ask(request(kind="doubt"))
    receipt = desk.decide(decision(verdict), LATER)
    assert (receipt.accepted, receipt.message) == (True, told)
    assert (desk.records["a1"].status, desk.records["a1"].approved_arguments) == (status, executed)
    assert desk.decide(decision(verdict), LATER).message == f"too late: already {told}"


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        ("consent", decision(Verdict.HAPPENED), "nothing was begun yet"),
        ("doubt", decision(Verdict.EDIT, arguments=MAIL), "can't be edited any more"),
    ],
)
def test_an_answer_fits_its_question(kind, said, told):
    """What wasn't begun can't have happened; what was begun can't be changed."""
    desk = Desk()
    desk.ask(request(kind=kind))
    receipt = desk.decide(said, LATER)
    assert not receipt.accepted
    assert told in receipt.message
    assert desk.open()


@pytest.mark.parametrize("channel", ["operator", "cli"])
def test_an_operator_may_always_decide(desk, channel):
    """Whoever reaches Temporal or the farm's shell has the right already."""
    assert desk.decide(decision(by="night-shift", channel=channel), LATER).accepted


def test_without_approvers_anybody_may_decide():
    """A policy that names nobody leaves it to the channel."""
    desk = Desk()
    desk.ask(request(approvers=()))
    assert desk.decide(decision(by="U0INES"), LATER).accepted


def test_the_first_decision_stands(desk):
    """A second click is told who was faster."""
    desk.decide(decision(by="U0TOM"), LATER)
    receipt = desk.decide(decision(Verdict.REJECT), LATER)
    assert not receipt.accepted
    assert receipt.message == "too late: already approved by U0TOM"
    assert desk.records["a1"].status == "approved"


def test_silence_expires(desk):
    """An expired question has no decision, and no later one counts."""
    desk.close("a1", "expired", EXPIRY)
    assert desk.settled("a1")
    assert desk.decide(decision(), EXPIRY).message == "too late: already expired"
    assert desk.records["a1"].decision is None


def test_a_decision_in_time_is_not_expired(desk):
    """When the click and the timer come together, the click counts."""
    desk.decide(decision(), LATER)
    desk.close("a1", "expired", EXPIRY)
    assert desk.records["a1"].status == "approved"


def test_questions_are_independent(desk):
    """One that is settled leaves the others open."""
    desk.ask(request("a2"))
    desk.decide(decision(), LATER)
    assert [each.id for each in desk.open()] == ["a2"]
