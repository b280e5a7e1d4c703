import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from contracts.approvals import Always, ApprovalRequest, Decision, Verdict
from sandbox.slack.block_rules import message_faults
from starter.slack.errors import NotFromSlack, NotOurs
from starter.slack.interactions import Click, Submission, parse, verify
from workflows.people import blocks

NOW = 1_795_000_000.0
SECRETS = ("old-secret", "new-secret")
BODY = b"payload=%7B%22type%22%3A%22block_actions%22%7D"


def signed(body=BODY, secret="new-secret", at=NOW, **changes):
    digest = hmac.new(secret.encode(), f"v0:{int(at)}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(int(at)), "X-Slack-Signature": f"v0={digest}"} | changes


def form(payload):
    return urlencode({"payload": json.dumps(payload)}).encode()


VALUE = '{"approval": "a-7", "workflow": "sales:deal:42", "hash": "h"}'


def decision(verdict, **said):
    return Decision(approval="a-7", verdict=verdict, channel="slack", arguments_hash="h", **said)


def click(action_id="farm.approve", value=VALUE, **changes):
    """As Slack sends it, shortened where nothing is read."""
    return {
        "type": "block_actions",
        "user": {"id": "U0CLAIRE", "username": "claire", "name": "claire", "team_id": "T0CHALEO"},
        "api_app_id": "A0FARM",
        "token": "legacy",
        "container": {"type": "message", "message_ts": "1795000000.000100", "channel_id": "C0SALES"},
        "trigger_id": "12.34.abc",
        "team": {"id": "T0CHALEO", "domain": "chaleo"},
        "channel": {"id": "C0SALES", "name": "sales-agent"},
        "message": {"type": "message", "ts": "1795000000.000100", "text": "May I?"},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T0CHALEO/1/x",
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "farm.a-7",
                "text": {"type": "plain_text", "text": "Approve", "emoji": True},
                "value": value,
                "action_ts": "1795000001.000000",
            }
        ],
    } | changes


ABOUT = '{"approval": "a-7", "workflow": "sales:deal:42", "hash": "h", "kept": ["tags"], "empty": {}}'


def submission(**view):
    return {
        "type": "view_submission",
        "user": {"id": "U0TOM", "username": "tom", "name": "tom", "team_id": "T0CHALEO"},
        "trigger_id": "12.34.abc",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": "farm.edit",
            "private_metadata": ABOUT,
            "blocks": [{"type": "input", "block_id": "subject", "optional": False}],
            "state": {"values": {"subject": {"value": {"type": "plain_text_input", "value": "Livraison"}}}},
            "hash": "1.abc",
        }
        | view,
    }


@pytest.mark.parametrize("secret", SECRETS)
def test_any_of_the_secrets_verifies(secret):
    """While a secret is being changed, the old and the new one are both good."""
    verify(BODY, signed(secret=secret), SECRETS, NOW)


def test_header_names_have_no_case():
    """A server in between may write them in lower case."""
    verify(BODY, {name.lower(): value for name, value in signed().items()}, SECRETS, NOW)


@pytest.mark.parametrize("drift", [-299, 299])
def test_clocks_may_differ_by_minutes(drift):
    """Within five minutes either way a request is fresh."""
    verify(BODY, signed(at=NOW + drift), SECRETS, NOW)


@pytest.mark.parametrize(
    ("body", "headers", "secrets", "said"),
    [
        (BODY, signed(secret="guessed"), SECRETS, "fits no signing secret"),
        (BODY + b"+", signed(), SECRETS, "fits no signing secret"),
        (BODY, signed(), (), "fits no signing secret"),
        (b"\xff", signed(), SECRETS, "fits no signing secret"),
        (BODY, signed(at=NOW - 301), SECRETS, "more than five minutes old"),
        (BODY, signed(at=NOW + 301), SECRETS, "more than five minutes old"),
        (BODY, {}, SECRETS, "no usable"),
        (BODY, {"X-Slack-Request-Timestamp": "1795000000"}, SECRETS, "no usable"),
        (BODY, signed(**{"X-Slack-Request-Timestamp": "soon"}), SECRETS, "no usable"),
        (BODY, signed(**{"X-Slack-Request-Timestamp": "\u0661"}), SECRETS, "no usable"),
        (BODY, signed(**{"X-Slack-Signature": "v0=é"}), SECRETS, "no usable"),
    ],
)
def test_forged_stale_and_unsigned_requests_are_refused(body, headers, secrets, said):
    """Whatever is not provably from Slack, just now, is refused with the reason."""
    with pytest.raises(NotFromSlack, match=said):
        verify(body, headers, secrets, NOW)


@pytest.mark.parametrize(
    ("action_id", "verdict", "opens"),
    [
        ("farm.approve", Verdict.APPROVE, ""),
        ("farm.reject", Verdict.REJECT, ""),
        ("farm.happened", Verdict.HAPPENED, ""),
        ("farm.edit", Verdict.EDIT, "farm.edit"),
        ("farm.answer", Verdict.ANSWER, "farm.answer"),
        ("farm.why", Verdict.REJECT, "farm.why"),
        ("farm.always", Verdict.APPROVE, "farm.always"),
    ],
)
def test_click_is_read(action_id, verdict, opens):
    """Each button stands for a verdict on what its value names, or opens the modal for one, for whoever pressed it."""
    assert parse(form(click(action_id))) == Click(
        workflow_id="sales:deal:42",
        decision=decision(verdict, by="U0CLAIRE"),
        opens=opens,
        channel="C0SALES",
        trigger_id="12.34.abc",
    )


def test_a_choice_is_an_answer():
    """Its button carries the words."""
    value = '{"approval": "a-7", "workflow": "sales:deal:42", "hash": "h", "answer": "The 12th"}'
    read = parse(form(click("farm.choice.1", value)))
    assert (read.decision, read.opens) == (decision(Verdict.ANSWER, by="U0CLAIRE", answer="The 12th"), "")


def test_a_button_of_before_the_hash_is_read():
    """What it was about isn't said then, and the run takes it as it is."""
    read = parse(form(click(value='{"approval": "a-7", "workflow": "sales:deal:42"}')))
    assert read.decision.arguments_hash == ""


def test_buttons_of_an_approval_request_are_understood():
    """What workflows/people/blocks.py puts on its buttons is what is read here, and Slack takes the message."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    request = ApprovalRequest(
        id="a-7", workflow_id="sales:deal:42", step="orchestrate-3.1", agent="sales", entity="deal:42",
        tool="crm__send_mail", arguments={"to": "j@b.example"}, arguments_hash="h", what="Send a mail",
        asked_at=now, expires_at=now,
    )  # fmt: skip
    shown = blocks.approval(request)
    buttons = [element for block in shown if block["type"] == "actions" for element in block["elements"]]

    read = [parse(form(click(button["action_id"], button["value"]))) for button in buttons]

    assert message_faults(shown) == []
    verdicts = [Verdict.APPROVE, Verdict.EDIT, Verdict.REJECT, Verdict.REJECT]
    assert [each.decision for each in read] == [decision(verdict, by="U0CLAIRE") for verdict in verdicts]
    assert {each.workflow_id for each in read} == {"sales:deal:42"}


def test_submission_is_read():
    """A modal gives the arguments back that it shows, and the names of those that it doesn't."""
    assert parse(form(submission())) == Submission(
        workflow_id="sales:deal:42",
        decision=decision(Verdict.EDIT, by="U0TOM", arguments={"subject": "Livraison"}),
        inputs=("subject",),
        kept=("tags",),
    )


def words(text):
    return {"values": {"words": {"value": {"type": "plain_text_input", "value": text}}}}


CHOSEN = {
    "values": {
        "scope": {"value": {"type": "radio_buttons", "selected_option": {"value": '"agent"'}}},
        "until": {"value": {"type": "datepicker", "selected_date": "2026-12-24"}},
    }
}


@pytest.mark.parametrize(
    ("callback", "state", "verdict", "said"),
    [
        ("farm.answer", words("The 12th"), Verdict.ANSWER, {"answer": "The 12th"}),
        ("farm.why", words("Call him"), Verdict.REJECT, {"reason": "Call him"}),
        ("farm.always", CHOSEN, Verdict.APPROVE, {"always": Always(scope="agent", until="2026-12-24")}),
    ],
)
def test_the_smaller_modals_are_read(callback, state, verdict, said):
    """Words to a question, the reason of a no, a yes to the next ones."""
    read = parse(form(submission(callback_id=callback, state=state)))
    assert (read.workflow_id, read.decision) == ("sales:deal:42", decision(verdict, by="U0TOM", **said))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no form with one JSON `payload`"),
        (b"payload=%7Boh", "no form with one JSON `payload`"),
        (b"payload=%5B%5D", "no JSON object"),
        (b"\xff", "no form with one JSON `payload`"),
        (form({"type": "shortcut"}), "'shortcut' is nothing that we send out"),
        (form(click("poll.vote")), "'poll.vote' decides nothing"),
        (form(click(value="a-7")), "lacks what our buttons carry"),
        (form(click(value='{"approval": "a-7"}')), "KeyError: 'workflow'"),
        (form(click(value='"a-7"')), "lacks what our buttons carry"),
        (form(click(actions=[])), "lacks what our buttons carry"),
        (form(submission(callback_id="poll")), "modal 'poll' is not ours"),
        (form(submission(private_metadata="")), "the modal lacks what ours carry"),
        (form(submission(state={"values": {"subject": {"value": {"type": "file_input"}}}})), "of type 'file_input'"),
    ],
)
def test_what_is_not_ours_is_said_to_be_so(body, said):
    """Other apps' buttons, other payloads and broken ones are told in words."""
    with pytest.raises(NotOurs, match=said):
        parse(body)
