"""A question in plain lines: all that is so of it, and nothing that isn't."""

from datetime import date, timedelta

from contracts.approvals import Always, ApprovalRecord, Reading, Verdict, Vote
from ops.questions import decided, facts
from tests.unit.workflows.samples import MAIL, NOON, decision, request


def lines(**of_the_request) -> list[str]:
    return list(facts(ApprovalRecord(request=request(**of_the_request))))


def test_a_plain_question_is_told_in_three_lines():
    assert lines(why="a mail can't be taken back") == [
        "Because: a mail can't be taken back",
        "May decide: U0CLAIRE, U0TOM",
        "If nobody does: it isn't done",
    ]


def test_all_that_is_known_is_told():
    told = lines(
        wish="he asked for it",
        risk="high",
        tainted="list mails",
        suspicious="list mails: override",
        again="a0",
        changed="stage: from Offer to Lost",
        read=(Reading(step="bootstrap-1", what="get deal", url="https://crm.example/deal/42"),),
        approvers=(),
        quorum=2,
        at_expiry="escalate",
    )
    assert told == [
        "The agent says: he asked for it",
        "Risk: high",
        "The run has read what strangers wrote: list mails",
        "Something it read looks like orders to a model: list mails: override",
        "Asked anew, after a0 was approved: stage: from Offer to Lost",
        "It had read get deal (https://crm.example/deal/42)",
        "May decide: anybody who reaches it, 2 of them must agree (0 did)",
        "If nobody does: further people are asked",
    ]


def test_a_question_in_words_says_what_holds_without_an_answer():
    assert "If nobody does: the answer is 'red'" in lines(kind="question", default="red", choices=("red", "blue"))
    assert "Answers offered: red, blue" in lines(kind="question", choices=("red", "blue"))
    assert "If nobody does: it goes on without an answer" in lines(kind="question")
    assert "If nobody does: it stays in doubt and isn't done again" in lines(kind="doubt")


def test_what_came_of_it_names_everybody_who_agreed():
    yes = [Vote(decision=decision(by=by), at=NOON) for by in ("U0CLAIRE", "U0TOM")]
    shorter = {**MAIL, "body": "Salut"}
    always = Always(until=date(2026, 12, 31))
    record = ApprovalRecord(
        request=request(quorum=2, level=1),
        status="approved",
        votes=tuple(yes),
        decision=decision(by="U0TOM", reason="fine", always=always),
        approved_arguments=shorter,
        reminded_at=(NOON + timedelta(hours=4),),
    )
    told = list(decided(record))
    assert told[0] == "approved by U0TOM by way of slack: fine"
    assert told[1].startswith("with other arguments: ")
    assert told[2:] == [
        "and so are the next of their kind for deal:42, until 2026-12-31",
        "agreed: U0CLAIRE at 2026-11-23 12:00, U0TOM at 2026-11-23 12:00",
        "reminded: 1 times, further people asked: 1 times",
    ]


def test_an_answer_is_told_in_its_words():
    record = ApprovalRecord(
        request=request(kind="question"), status="answered", decision=decision(Verdict.ANSWER, answer="green")
    )
    assert list(decided(record)) == ["answered by U0CLAIRE by way of slack: green"]


def test_silence_is_told_as_what_it_came_to():
    assert list(decided(ApprovalRecord(request=request(), status="expired"))) == ["nobody answered: expired"]
