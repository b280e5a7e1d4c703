"""What people see in Slack: everything they decide about, within Slack's limits, and nothing that Slack would run."""

import re
from datetime import timedelta

import pytest

from contracts.approvals import ApprovalRecord, Verdict
from sandbox.slack.block_rules import message_faults
from tests.unit.workflows.samples import MAIL, NOON, decision, request
from workflows import blocks
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


def test_a_question_has_three_buttons():
    """Each carries the approval and its workflow."""
    actions = blocks.approval(request())[-1]
    assert [each["action_id"] for each in actions["elements"]] == ["farm.approve", "farm.edit", "farm.reject"]
    assert {each["value"] for each in actions["elements"]} == {'{"approval": "a1", "workflow": "sales:deal:42/run-1"}'}


def test_a_doubt_has_three_buttons_of_its_own():
    """What is asked is what happened, and not what may: nothing can be edited any more."""
    shown = blocks.approval(request(kind="doubt"))
    assert message_faults(shown) == []
    said = [(each["text"]["text"], each["action_id"]) for each in shown[-1]["elements"]]
    assert said == [("It happened", "farm.happened"), ("Do it", "farm.approve"), ("Skip", "farm.reject")]
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
    ],
)
def test_the_outcome_in_a_line(settled, line):
    """Who decided what, how, and why."""
    assert blocks.outcome_line(settled) == line


def test_a_report_fits():
    """A report at all its limits is still a message."""
    longest = RunReport(headline="&" * 150, what_happened="&" * 800, what_i_did=["&" * 400] * 20, next_step="&" * 400)
    assert message_faults(blocks.report(longest, "deal:42", "sales:deal:42/run-1", 1.0)) == []


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
