import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.errors import SlackClientError
from slack_sdk.signature import SignatureVerifier
from temporalio.service import RPCError, RPCStatusCode

from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt, Verdict
from sandbox.slack.block_rules import view_faults
from starter.slack import patience
from tests.unit.starter.conftest import SECRET, House
from tests.unit.starter.fakes import APPROVED

RUN = "sales:deal:42/run-1"
MAIL = {"deal_id": 42, "to": "julien@batisseurs.example", "subject": "Offer", "body": "Bonjour,\nvoici l'offre."}


def request(**fields: Any) -> ApprovalRequest:
    now = datetime.now(UTC)
    return ApprovalRequest.model_validate(
        {
            "id": "ap1",
            "workflow_id": RUN,
            "step": "orchestrate-1.1",
            "agent": "sales",
            "entity": "deal:42",
            "tool": "crm__send_mail",
            "arguments": MAIL,
            "arguments_hash": "h",
            "what": "send mail: to julien",
            "asked_at": now,
            "expires_at": now + timedelta(days=3),
        }
        | fields
    )


def click(action: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U0CLAIRE", "username": "claire"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0SALES"},
        "trigger_id": "t.1",
        "actions": [
            {
                "type": "button",
                "action_id": f"farm.{action}",
                "value": json.dumps({"approval": "ap1", "workflow": RUN, "hash": "h"}),
            }
        ],
    }


def submission(view: dict[str, Any], subject: str) -> dict[str, Any]:
    """What Slack sends back of our own modal, with another subject typed in."""
    values = {
        block["block_id"]: {
            block["element"]["action_id"]: {
                "type": block["element"]["type"],
                "value": block["element"].get("initial_value", ""),
            }
        }
        for block in view["blocks"]
        if block["type"] == "input"
    }
    values["subject"]["value"]["value"] = subject
    return {
        "type": "view_submission",
        "user": {"id": "U0CLAIRE", "username": "claire"},
        "view": view | {"state": {"values": values}},
    }


async def send(house: House, payload: Any, secret: str = SECRET, at: float | None = None) -> httpx.Response:
    body = urlencode({"payload": json.dumps(payload)})
    timestamp = str(int(at or time.time()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body) or "",
    }
    async with house.client() as client:
        return await client.post("/slack/interactions", content=body, headers=headers)


@pytest.mark.parametrize(
    ("button", "verdict"), [("approve", Verdict.APPROVE), ("reject", Verdict.REJECT), ("happened", Verdict.HAPPENED)]
)
async def test_a_click_is_a_decision_of_the_person_who_clicked(house: House, button: str, verdict: Verdict) -> None:
    """The run that asked gets it, by the person's Slack id."""
    answer = await send(house, click(button))
    assert (answer.status_code, answer.content) == (200, b"")
    decision = Decision(approval="ap1", verdict=verdict, by="U0CLAIRE", channel="slack", arguments_hash="h")
    assert house.temporal.decided == [(RUN, decision)]
    assert house.slack.said == []


async def test_a_refusal_is_told_to_the_person_alone(house: House) -> None:
    """The run's word decides; the rest of the channel isn't bothered."""
    house.temporal.receipt = DecisionReceipt(accepted=False, message="U0CLAIRE is not among those who may decide this")
    await send(house, click("approve"))
    (message,) = house.slack.said
    assert (message["channel"], message["user"]) == ("C0SALES", "U0CLAIRE")
    assert message["text"] == "That didn't count: <@U0CLAIRE> is not among those who may decide this."
    ((run, refused, why),) = house.refusals.refused
    assert (run, refused.by, refused.verdict) == (RUN, "U0CLAIRE", Verdict.APPROVE)
    assert why == "U0CLAIRE is not among those who may decide this"


async def test_a_refusal_that_cannot_be_written_down_is_told_all_the_same(house: House) -> None:
    """The store being away is no reason for a click to fail."""
    house.refusals.away = OSError("disk full")
    house.temporal.receipt = DecisionReceipt(accepted=False, message="no")
    assert (await send(house, click("approve"))).status_code == 200
    assert len(house.slack.said) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [(RPCStatusCode.NOT_FOUND, "the run that asked is over"), (RPCStatusCode.UNAVAILABLE, "please decide again")],
)
async def test_a_click_that_reaches_no_run_is_not_silent(house: House, status: RPCStatusCode, said: str) -> None:
    """Slack gets its 200 and the person a plain sentence."""
    house.temporal.away = RPCError("no", status, b"")
    assert (await send(house, click("approve"))).status_code == 200
    assert said in house.slack.said[0]["text"]
    assert len(house.refusals.refused) == (status is RPCStatusCode.NOT_FOUND)


async def test_a_run_that_does_not_answer_is_not_waited_for(house: House) -> None:
    """With no worker to take the update, the person hears so within the patience."""
    house.temporal.hangs = True
    assert (await send(house, click("reject"))).status_code == 200
    assert "please decide again" in house.slack.said[0]["text"]


REFUSED = DecisionReceipt(accepted=False, message="too late: already approved by U0TOM")


@pytest.mark.parametrize(("receipt", "said"), [(APPROVED, []), (REFUSED, ["too late"])], ids=["counts", "doesn't"])
async def test_a_run_that_is_slow_is_not_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch, receipt: DecisionReceipt, said: list[str]
) -> None:
    """Slack has its answer in time, and the click counts when the run takes it; or the person hears then why not."""
    monkeypatch.setattr(patience, "PATIENCE", 0.02)
    house.temporal.slow_s, house.temporal.receipt = 0.1, receipt
    assert (await send(house, click("approve"))).status_code == 200
    assert [decision.verdict for _, decision in house.temporal.decided] == [Verdict.APPROVE]
    assert [any(word in told["text"] for word in said) for told in house.slack.said] == [True] * len(said)


async def test_edit_opens_the_arguments(house: House) -> None:
    """The modal holds what would run, as it stands."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request())
    assert (await send(house, click("edit"))).status_code == 200
    (opened,) = house.slack.opened
    assert opened["trigger_id"] == "t.1"
    assert [block.get("block_id") for block in opened["view"]["blocks"][1:]] == list(MAIL)
    assert house.temporal.decided == []


@pytest.mark.parametrize("status", ["approved", "expired"])
async def test_a_question_that_is_closed_is_not_edited(house: House, status: str) -> None:
    """A late click gets a clear answer instead of a modal that would be refused."""
    house.approvals.records["ap1"] = ApprovalRecord.model_validate({"request": request(), "status": status})
    await send(house, click("edit"))
    assert house.slack.opened == []
    assert "no longer open" in house.slack.said[0]["text"]


async def test_who_may_not_decide_is_not_shown_the_editor(house: House) -> None:
    """The no comes before the typing, to the person alone, and says who may."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request(approvers=("U0TOM", "U0INES1")))
    await send(house, click("edit"))
    assert house.slack.opened == []
    (message,) = house.slack.said
    assert message["text"] == "That didn't count: only <@U0TOM>, <@U0INES1> may decide this."
    ((_, refused, why),) = house.refusals.refused
    assert (refused.verdict, why) == (Verdict.EDIT, "only U0TOM, U0INES1 may decide this")


async def test_an_approver_is_shown_the_editor(house: House) -> None:
    """Named among those who may decide."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request(approvers=("U0TOM", "U0CLAIRE")))
    await send(house, click("edit"))
    assert len(house.slack.opened) == 1


async def test_what_no_modal_holds_is_told_with_another_way(house: House) -> None:
    """An input holds 3,000 characters. That isn't a decision refused."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request(arguments={"body": "x" * 4000}))
    await send(house, click("edit"))
    assert "body has 4,000 characters" in house.slack.said[0]["text"]
    assert "./farm edit ap1" in house.slack.said[0]["text"]
    assert house.refusals.refused == []


async def test_what_the_modal_does_not_show_runs_as_it_was(house: House) -> None:
    """Too long for an input: the rest is edited, and the whole comes together again."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request(arguments=MAIL | {"body": "x" * 4000}))
    await send(house, click("edit"))
    await send(house, submission(house.slack.opened[0]["view"], "Better offer"))
    ((_, decision),) = house.temporal.decided
    assert decision.arguments == MAIL | {"body": "x" * 4000, "subject": "Better offer"}


async def test_the_editor_is_made_of_the_tools_own_schema(house: House) -> None:
    """As the run that asks has it pinned."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request())
    house.schemas.known["crm__send_mail"] = {"properties": {"to": {"type": "string", "format": "email"}}}
    await send(house, click("edit"))
    types = {each["block_id"]: each["element"]["type"] for each in house.slack.opened[0]["view"]["blocks"][1:]}
    assert types["to"] == "email_text_input"


async def test_json_that_cannot_be_read_is_shown_where_it_was_typed(house: House) -> None:
    """The run isn't asked."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request(arguments=MAIL | {"tags": ["a"]}))
    await send(house, click("edit"))
    sent = submission(house.slack.opened[0]["view"], "Better offer")
    sent["view"]["state"]["values"]["tags"] = {"json": {"type": "plain_text_input", "value": "[1,"}}
    answer = (await send(house, sent)).json()
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["tags"]
    assert house.temporal.decided == []


@pytest.mark.parametrize(
    ("button", "block"), [("answer", "words"), ("why", "words"), ("always", "until"), ("edit", "deal_id")]
)
async def test_each_opener_opens_a_modal_that_slack_takes(house: House, button: str, block: str) -> None:
    """With the inputs of its own."""
    asked = request(standing="agent", default="the 12th", what="x" * 4000)
    house.approvals.records["ap1"] = ApprovalRecord(request=asked)
    await send(house, click(button))
    (opened,) = house.slack.opened
    assert view_faults(opened["view"]) == []
    assert block in [each.get("block_id") for each in opened["view"]["blocks"]]
    assert opened["view"]["callback_id"] == f"farm.{button}"


@pytest.mark.parametrize(("standing", "scopes"), [("entity", ['"entity"']), ("agent", ['"entity"', '"agent"'])])
async def test_always_reaches_no_further_than_policy_lets_it(house: House, standing: str, scopes: list[str]) -> None:
    """For this deal, or for all of them."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request(standing=standing))
    await send(house, click("always"))
    (scope,) = [each for each in house.slack.opened[0]["view"]["blocks"] if each.get("block_id") == "scope"]
    assert [each["value"] for each in scope["element"]["options"]] == scopes


async def test_a_submitted_edit_runs_with_the_new_arguments(house: House) -> None:
    """All arguments come back, with the types they had, and the modal closes."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request())
    await send(house, click("edit"))
    answer = await send(house, submission(house.slack.opened[0]["view"], "Better offer"))
    assert (answer.status_code, answer.content) == (200, b"")
    ((run, decision),) = house.temporal.decided
    assert (run, decision.verdict, decision.arguments) == (RUN, Verdict.EDIT, MAIL | {"subject": "Better offer"})


@pytest.mark.parametrize(
    ("message", "under"),
    [("subject: may not be empty", "subject"), ("U0CLAIRE is not among those who may decide this", "deal_id")],
)
async def test_a_refused_edit_keeps_the_modal_open(house: House, message: str, under: str) -> None:
    """What was typed isn't lost, and the reason stands under the input that it names, else under the first."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request())
    await send(house, click("edit"))
    house.temporal.receipt = DecisionReceipt(accepted=False, message=message)
    answer = (await send(house, submission(house.slack.opened[0]["view"], "Better"))).json()
    assert answer == {"response_action": "errors", "errors": {under: message}}
    assert [(decision.by, why) for _, decision, why in house.refusals.refused] == [("U0CLAIRE", message)]


async def test_a_modal_whose_question_was_closed_says_so_in_its_place(house: House) -> None:
    """Nothing that could be typed would count: the modal shows why, and can only be closed."""
    house.approvals.records["ap1"] = ApprovalRecord(request=request())
    await send(house, click("edit"))
    house.temporal.receipt = DecisionReceipt(accepted=False, message="too late: already rejected by U0TOM")
    answer = (await send(house, submission(house.slack.opened[0]["view"], "Better"))).json()
    assert answer["response_action"] == "update"
    assert "submit" not in answer["view"]
    assert view_faults(answer["view"]) == []
    assert answer["view"]["blocks"][0]["text"]["text"] == "That didn't count: too late: already rejected by <@U0TOM>."


async def test_a_slack_that_is_away_is_no_error_of_ours(house: House) -> None:
    """The decision counts even if nobody can be told."""
    house.slack.away = SlackClientError("away")
    house.temporal.receipt = DecisionReceipt(accepted=False, message="too late")
    assert (await send(house, click("approve"))).status_code == 200


async def test_an_interaction_that_is_not_ours_is_acknowledged(house: House) -> None:
    """Slack tells of a click on any button, also on a plain link."""
    assert (await send(house, click("approve") | {"actions": [{"action_id": "link"}]})).status_code == 200
    assert house.temporal.decided == []


@pytest.mark.parametrize(
    ("secret", "age"),
    [("another secret", 0.0), (SECRET, 301.0)],
)
async def test_whoever_is_not_slack_is_turned_away(house: House, secret: str, age: float) -> None:
    """A wrong signature and a replay are both a 401."""
    answer = await send(house, click("approve"), secret, time.time() - age)
    assert (answer.status_code, answer.json()["outcome"]) == (401, "refused")
    assert house.temporal.decided == []
