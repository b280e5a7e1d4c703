"""What people see in Slack: everything they decide about, within Slack's limits, and nothing that Slack would run."""

import json
import re
from datetime import timedelta
from typing import get_args

import pytest

from contracts.approvals import Always, ApprovalRecord, ApprovalStatus, QuestionKind, Reading, Verdict, Vote
from contracts.calls import Usage
from sandbox.slack.block_rules import message_faults
from tests.unit.workflows.samples import MAIL, NOON, decision, request
from workflows.people import blocks
from workflows.sales.answers import RunReport

SHOUT = "<!channel> & <https://evil.example|click>"
REPORT = RunReport(headline="Answered", what_happened="A mail came.", what_i_did=["a note"], next_step="wait")


def record(status="approved", **said) -> ApprovalRecord:
    settled = None if status == "expired" else decision(**said)
    return ApprovalRecord(request=request(), status=status, decision=settled, decided_at=NOON + timedelta(hours=2))


def texts(shown) -> list[str]:
    return [block["text"]["text"] for block in shown if block["type"] == "section"]


def read(shown) -> str:
    """The sections as a person reads them: unescaped, one after the other."""
    return "".join(texts(shown)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize(
    "arguments",
    [
        MAIL,
        {},
        {"note": ""},
        {"body": "x" * 20_000},
        {"body": "&<>" * 2_000},
        {"body": "x" * 150_000},
        {f"field{n}": SHOUT for n in range(80)},
        {"facts": [{"fact": "é" * 900}] * 9, "n": None},
    ],
    ids=lambda arguments: f"{len(str(arguments))} characters",
)
def test_slack_takes_every_question(arguments):
    """However long the arguments are, the question and its outcome stay within Block Kit's limits."""
    asked = request(arguments=arguments)
    assert message_faults(blocks.approval(asked)) == []
    assert message_faults(blocks.outcome(ApprovalRecord(request=asked, status="expired"))) == []


@pytest.mark.parametrize(
    "body", ["Bonjour", "&" * 5_000, "ligne\n" * 3_000, "< > & é " * 2_000], ids=lambda body: body[:8]
)
def test_no_argument_text_is_lost(body):
    """A person approves what will run, so every character of it can be read."""
    assert body in read(blocks.approval(request(arguments={**MAIL, "body": body})))


def test_what_does_not_fit_is_said():
    """Beyond fifty blocks the message tells where the rest is to be read."""
    shown = blocks.approval(request(arguments={"body": "x" * 150_000}))
    assert any("./farm approvals" in str(block) for block in shown)


def buttons(shown):
    return [(each["text"]["text"], each["action_id"]) for each in shown[-1]["elements"]]


def test_a_request_has_four_buttons():
    """Each carries the approval, its workflow, and what the person saw."""
    shown = blocks.approval(request())
    assert buttons(shown) == [
        ("Approve", "farm.approve"),
        ("Edit", "farm.edit"),
        ("Reject", "farm.reject"),
        ("Reject, say why", "farm.why"),
    ]
    about = {"approval": "a1", "workflow": "sales:deal:42/run-1", "hash": "0" * 64}
    assert [json.loads(each["value"]) for each in shown[-1]["elements"]] == [about] * 4


@pytest.mark.parametrize(("kind", "standing", "there"), [("consent", "agent", True), ("doubt", "agent", False)])
def test_always_can_be_said_where_policy_permits_it(kind, standing, there):
    """Never of a doubt: that is about one call."""
    shown = blocks.approval(request(kind=kind, standing=standing))
    assert (("Always...", "farm.always") in buttons(shown)) == there
    assert message_faults(shown) == []


def test_a_question_in_words_has_a_button_for_each_offered_answer():
    """And one for any other. A label that is cut short is told whole above it."""
    choices = ("The 12th", "x" * 90, "y" * 2000)
    shown = blocks.approval(request(kind="question", choices=choices, default="The 12th", at_expiry="default"))
    assert message_faults(shown) == []
    assert buttons(shown) == [
        ("The 12th", "farm.choice.0"),
        ("x" * 72 + "...", "farm.choice.1"),
        ("Answer", "farm.answer"),
        ("No answer", "farm.reject"),
    ]
    answers = [json.loads(each["value"]).get("answer") for each in shown[-1]["elements"]]
    assert answers == ["The 12th", "x" * 90, None, None]
    assert "x" * 90 in read(shown)
    assert "else the answer is “The 12th”" in small(shown)


def test_more_answers_than_slack_has_buttons_for():
    """The others can be typed."""
    shown = blocks.approval(request(kind="question", choices=tuple(f"choice {n}" for n in range(40))))
    assert message_faults(shown) == []
    assert len(shown[-1]["elements"]) == 22
    assert "choice 39" in read(shown)


def small(shown) -> str:
    return "\n".join(part["text"] for block in shown if block["type"] == "context" for part in block["elements"])


FULL = {
    "risk": "high",
    "wish": "He asked twice.\nThe price holds.",
    "read": (
        Reading(step="s", what="get deal: deal_id 42", url="https://crm.example/deal/42"),
        Reading(step="s", what="read mail", outside=True, url="javascript:alert(1)"),
        Reading(step="s", what="read mail", outside=True),
    ),
    "tainted": "a mail of <j@b.example>",
    "suspicious": "read mail: override ('<ignore>')",
    "proposed_by": "claude-sonnet",
    "again": "a0",
    "changed": "stage from 2 to 5",
    "quorum": 2,
    "at_expiry": "escalate",
    "level": 1,
    "approvers": ("U0CLAIRE", "lea@chaleo.example"),
}


def test_a_question_says_all_that_there_is_to_know():
    """Risk, why by policy and why by the agent, what was read, taint, model, people, quorum, expiry, why anew."""
    shown = blocks.approval(request(**FULL), (Vote(decision=decision(), at=NOON),))
    assert message_faults(shown) == []
    assert shown[0]["text"]["text"] == ":warning: High risk: sales asks about deal:42"
    said = "\n".join(texts(shown))
    assert "It was approved (`a0`), and since then this has changed: stage from 2 to 5" in said
    assert "> He asked twice.\n> The price holds." in said
    assert "• <https://crm.example/deal/42|get deal: deal_id 42>" in said
    assert said.count("• read mail (written by strangers)") == 1
    assert "It had read what strangers wrote: a mail of &lt;j@b.example&gt;" in said
    assert "looks like orders to a model.* read mail: override ('&lt;ignore&gt;')" in said
    assert small(shown).splitlines() == [
        "`a1` · spent so far $0.0000 · proposed by claude-sonnet",
        "Answer until 2026-11-26 12:00 UTC, else others are asked as well, and where none of them answers, "
        "it isn't done · nobody answered so far",
        "May decide: <@U0CLAIRE>, lea@chaleo.example",
        "2 people must say yes, 1 did: <@U0CLAIRE>. One no is a no",
    ]


def test_a_question_at_all_its_limits_is_a_message():
    """Nothing that a contract lets through is more than Slack takes."""
    asked = request(
        **FULL
        | {
            "what": "&" * 5_000,
            "wish": "<\n" * 500,
            "read": tuple(Reading(step="s", what="&" * 200, url="https://x.example/" + "&" * 900) for _ in range(60)),
            "tainted": "&" * 9_000,
            "suspicious": "&" * 200,
            "changed": "&" * 9_000,
            "proposed_by": "&" * 900,
            "approvers": ("&" * 300,) * 50,
            "arguments": {"body": "&" * 90_000},
        }
    )
    vote = Vote(decision=decision(by="&" * 300), at=NOON)
    assert message_faults(blocks.approval(asked, (vote,) * 50)) == []
    settled = ApprovalRecord(request=asked, status="approved", votes=(vote,) * 50, decision=vote.decision)
    assert message_faults(blocks.outcome(settled)) == []


def test_a_doubt_has_three_buttons_of_its_own():
    """What is asked is what happened, and not what may: nothing can be edited any more."""
    shown = blocks.approval(request(kind="doubt"))
    assert message_faults(shown) == []
    assert buttons(shown) == [("It happened", "farm.happened"), ("Do it", "farm.approve"), ("Skip", "farm.reject")]
    assert "isn't done again" in str(shown[-2])


@pytest.mark.parametrize(
    ("status", "verdict", "line"),
    [
        ("happened", Verdict.HAPPENED, "It happened, says <@U0CLAIRE>: send mail"),
        ("approved", Verdict.APPROVE, "Do it, says <@U0CLAIRE>: send mail"),
        ("rejected", Verdict.REJECT, "Skip it, says <@U0CLAIRE>: send mail"),
    ],
)
def test_the_outcome_of_a_doubt_is_told_in_its_words(status, verdict, line):
    """Nobody reads "approved" where somebody said "do it"."""
    settled = ApprovalRecord(request=request(kind="doubt"), status=status, decision=decision(verdict), decided_at=NOON)
    assert blocks.outcome_line(settled).startswith(line)
    assert message_faults(blocks.outcome(settled)) == []


def test_a_settled_question_has_no_buttons():
    """Nobody can click what was decided."""
    assert all(block["type"] != "actions" for block in blocks.outcome(record()))


@pytest.mark.parametrize(
    "shown",
    [
        blocks.approval(request(what=SHOUT, why=SHOUT, arguments={"body": SHOUT})),
        blocks.outcome(ApprovalRecord(request=request(what=SHOUT), status="expired")),
        blocks.outcome(record("rejected", reason=SHOUT)),
        blocks.outcome(record(by=SHOUT, channel="operator")),
        blocks.report(
            RunReport(headline=SHOUT, what_happened=SHOUT, what_i_did=[SHOUT], next_step=SHOUT), "deal:42", "r", 0.1
        ),
    ],
    ids=["question", "expired", "rejected", "operator", "report"],
)
def test_text_from_outside_calls_nobody(shown):
    """A client's `<!channel>` or link is shown, not obeyed."""
    marked = [part for part in walk(shown) if part.get("type") == "mrkdwn"]
    assert not [part for part in marked if re.search(r"<[!h]", part["text"])]


def walk(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


@pytest.mark.parametrize(
    ("settled", "line"),
    [
        (record(), "Approved by <@U0CLAIRE>: send mail: to j@batisseurs.example"),
        (record(verdict=Verdict.EDIT), "Approved by <@U0CLAIRE>, with changes: send mail: to j@batisseurs.example"),
        (
            record("rejected", reason="call him", channel="cli", by="lea"),
            "Rejected by lea (call him): send mail: to j@batisseurs.example",
        ),
        (record("expired"), "Expired without an answer: send mail: to j@batisseurs.example"),
        (
            record(always=Always(until="2026-12-24")),
            "Approved by <@U0CLAIRE>, and the next ones for deal:42 until 2026-12-24: "
            "send mail: to j@batisseurs.example",
        ),
    ],
)
def test_the_outcome_in_a_line(settled, line):
    """Who decided what, how, and why."""
    assert blocks.outcome_line(settled) == line


@pytest.mark.parametrize("status", [each for each in get_args(ApprovalStatus) if each != "pending"])
def test_every_way_to_be_settled_has_its_words(status):
    """Decided by somebody, or by nobody."""
    for kind in get_args(QuestionKind):
        for said in (None, decision(Verdict.ANSWER, answer="The 12th")):
            settled = ApprovalRecord(request=request(kind=kind), status=status, decision=said, decided_at=NOON)
            assert message_faults(blocks.outcome(settled)) == []


def test_an_answer_is_shown():
    """Whole, in the message that asked."""
    asked = request(kind="question", what="When?")
    said = decision(Verdict.ANSWER, answer="On the <12th>")
    settled = ApprovalRecord(request=asked, status="answered", decision=said, decided_at=NOON)
    assert blocks.outcome_line(settled) == "Answered by <@U0CLAIRE>: When?"
    assert "On the <12th>" in read(blocks.outcome(settled))


def test_an_edit_shows_what_was_changed_and_who_agreed():
    """Beside the arguments as they ran."""
    yes = Vote(decision=decision(by="U0TOM"), at=NOON)
    settled = record(verdict=Verdict.EDIT).model_copy(
        update={"approved_arguments": MAIL | {"subject": "Offre"}, "votes": (yes,)}
    )
    shown = blocks.outcome(settled)
    assert '*Changed*: subject from "Devis" to "Offre"' in texts(shown)
    assert "Yes from <@U0TOM>" in small(shown)


def test_a_report_fits():
    """A report at all its limits is still a message."""
    longest = RunReport(headline="&" * 150, what_happened="&" * 800, what_i_did=["&" * 400] * 20, next_step="&" * 400)
    assert message_faults(blocks.report(longest, "deal:42", "sales:deal:42/run-1", 1.0)) == []


def test_a_report_says_how_much_came_from_the_cache():
    """Of what its model calls read; and nothing of it where nothing did."""
    told = blocks.report(REPORT, "deal:42", "r", 0.02, usage=Usage(input_tokens=100, cache_read_tokens=300))
    assert "$0.0200 · 75% read from the model's cache" in small(told)
    assert "cache" not in small(blocks.report(REPORT, "deal:42", "r", 0.02, usage=Usage(input_tokens=100)))


def test_a_report_names_the_standbys():
    """Who answered in whose place; and nothing where all answered for themselves."""
    told = blocks.report(REPORT, "deal:42", "r", 0.0, {"weak-1 instead of strong-1": 2})
    assert ":warning: a standby answered: weak-1 instead of strong-1, 2 times" in small(told)
    assert "standby" not in small(blocks.report(REPORT, "deal:42", "r", 0.0))


def test_a_report_that_did_nothing_says_so():
    """An empty list is worth a word."""
    idle = REPORT.model_copy(update={"what_i_did": []})
    assert "*What I did*\n• nothing" in texts(blocks.report(idle, "deal:42", "r", 0.0))


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("crm__send_mail", MAIL, "send mail: deal_id 42, to j@batisseurs.example, subject Devis"),
        ("crm__add_note", {"deal_id": 42, "content": "x" * 90}, f"add note: deal_id 42, content {'x' * 57}..."),
        ("crm__add_note", {"content": "two\nlines"}, "add note: content two lines"),
        ("crm__refresh", {}, "refresh"),
        ("memory__remember", {"facts": [{"subject": "é"}]}, 'remember: facts [{"subject": "é"}]'),
    ],
)
def test_a_call_in_words(tool, arguments, words):
    """One line that says what would happen, without the mail's body."""
    assert blocks.in_words(tool, arguments) == words


def test_differences_are_named():
    """Only what a person changed, took away or added."""
    before, after = {"to": "a", "body": "b", "cc": "c"}, {"to": "a", "body": "B", "bcc": "d"}
    assert blocks.differences(before, after) == 'body from "b" to "B"; cc from "c" to null; bcc from null to "d"'
