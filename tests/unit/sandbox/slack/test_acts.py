import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

CHANNEL = "C0SALES"
MODAL = {
    "type": "modal",
    "callback_id": "farm.edit",
    "private_metadata": "kept",
    "title": {"type": "plain_text", "text": "Edit"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "subject",
            "label": {"type": "plain_text", "text": "Subject"},
            "element": {"type": "plain_text_input", "action_id": "value", "initial_value": "Relance"},
        },
        {
            "type": "input",
            "block_id": "tone",
            "optional": True,
            "label": {"type": "plain_text", "text": "Tone"},
            "element": {
                "type": "static_select",
                "action_id": "value",
                "options": [{"text": {"type": "plain_text", "text": "Warm"}, "value": "warm"}],
            },
        },
    ],
}


@pytest.fixture
async def question(client):
    """A message with a button, as posted."""
    button = {
        "type": "button",
        "action_id": "farm.approve",
        "value": '{"approval":"a1"}',
        "text": {"type": "plain_text", "text": "Approve"},
    }
    blocks = [{"type": "actions", "block_id": "decide", "elements": [button]}]
    return (await client.chat_postMessage(channel=CHANNEL, text="Send the mail?", blocks=blocks))["message"]


@pytest.fixture
def click(person, question):
    async def by(user="U0CLAIRE", **changes):
        order = {"user": user, "channel": CHANNEL, "ts": question["ts"], "action_id": "farm.approve"} | changes
        return await person.post("/sandbox/click", json=order)

    return by


@pytest.fixture
def opens_modal(slack_url, app):
    """The app answers a click by opening the modal, as an app does within its three seconds."""
    slack = WebClient(token="xoxb-test", base_url=f"{slack_url}/api/", retry_handlers=[])

    def on(payload):
        if payload["type"] == "block_actions":
            slack.views_open(trigger_id=payload["trigger_id"], view=MODAL)

    app.on_interaction = on


async def opened(person, user="U0CLAIRE"):
    return (await person.get("/sandbox/view", params={"user": user})).json()


async def test_click_reaches_the_app_signed_and_in_slacks_shape(app, click, question):
    """The app, which refuses a bad signature, gets who clicked what, where, with which value."""
    answer = (await click("U0TOM")).json()

    assert answer["ok"]
    [payload] = app.payloads
    [action] = payload["actions"]
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": "U0TOM", "username": "tom", "name": "tom", "team_id": "T0CHALEO"}
    assert payload["channel"] == {"id": CHANNEL, "name": "sales-agent"}
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == question["ts"]
    assert (action["action_id"], action["block_id"]) == ("farm.approve", "decide")
    assert action["value"] == '{"approval":"a1"}'


@pytest.mark.parametrize("changes", [{"action_id": "other"}, {"ts": "1.000001"}, {"user": "U0FARM"}, {"channel": "C"}])
async def test_what_is_not_there_cannot_be_clicked(app, click, changes):
    """No such button, message, person or channel: 404, and the app hears nothing."""
    assert (await click(**changes)).status_code == 404
    assert app.payloads == []


async def test_page_sends_the_same_click(app, click, person, question):
    """The button on the page and the control route send the same interaction."""
    await click()
    form = {"user": "U0CLAIRE", "channel": CHANNEL, "ts": question["ts"], "action_id": "farm.approve"}
    assert (await person.post("/page/click", data=form)).status_code == 303

    passing = ("trigger_id", "response_url")
    first, second = ({name: value for name, value in each.items() if name not in passing} for each in app.payloads)
    assert first["actions"][0].pop("action_ts") < second["actions"][0].pop("action_ts")
    assert first == second


async def test_failing_app_is_told_to_the_person(app, click, person):
    """An app that answers 500 leaves a notice on the clicker's page."""
    app.status = 500

    assert (await click()).json()["trouble"] == "The app answered 500."
    assert "The app answered 500." in (await person.get("/?as=U0CLAIRE")).text


async def test_response_url_replaces_the_message(app, client, click, person):
    """The address in the payload changes the message without a token."""
    await click()
    async with httpx.AsyncClient() as http:
        done = await http.post(app.payloads[0]["response_url"], json={"replace_original": True, "text": "Done"})

    assert done.text == "ok"
    [message] = (await client.conversations_history(channel=CHANNEL))["messages"]
    assert message["text"] == "Done"


async def test_modal_is_opened_for_the_clicker_alone(click, opens_modal, person):
    """views.open with the click's trigger puts the modal on that person's screen."""
    await click("U0CLAIRE")

    assert (await opened(person))["view"]["callback_id"] == "farm.edit"
    assert (await opened(person, "U0TOM"))["view"] is None
    assert "Relance" in (await person.get("/?as=U0CLAIRE")).text


async def test_trigger_opens_one_modal(app, click, client, opens_modal):
    """A trigger that was used is refused."""
    await click()

    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=app.payloads[0]["trigger_id"], view=MODAL)
    assert caught.value.response["error"] == "exchanged_trigger_id"


async def test_submission_carries_values_and_metadata(app, click, opens_modal, person):
    """What was typed, what was left as it stood, and the app's own metadata come back; the modal closes."""
    await click()
    view = (await opened(person))["view"]

    await person.post(
        "/sandbox/submit-view", json={"user": "U0CLAIRE", "view_id": view["id"], "values": {"tone": "warm"}}
    )

    submission = app.payloads[-1]
    values = submission["view"]["state"]["values"]
    assert submission["type"] == "view_submission"
    assert submission["view"]["private_metadata"] == "kept"
    assert submission["view"]["hash"] == view["hash"]
    assert values["subject"]["value"] == {"type": "plain_text_input", "value": "Relance"}
    assert values["tone"]["value"]["selected_option"]["value"] == "warm"
    assert (await opened(person))["view"] is None


async def test_required_input_left_empty_is_held_back(app, click, opens_modal, person):
    """Slack's client does not send a form that is not complete."""
    await click()
    view = (await opened(person))["view"]

    order = {"user": "U0CLAIRE", "view_id": view["id"], "values": {"subject": ""}}
    answer = (await person.post("/sandbox/submit-view", json=order)).json()

    assert answer["reply"]["errors"] == {"subject": "Please complete this required field."}
    assert len(app.payloads) == 1


async def test_errors_from_the_app_keep_the_modal_open(app, click, opens_modal, person):
    """`response_action: errors` shows the app's words beside the input."""
    await click()
    view = (await opened(person))["view"]
    app.reply = {"response_action": "errors", "errors": {"subject": "Too short for a client."}}

    await person.post("/page/submit", data={"user": "U0CLAIRE", "view_id": view["id"], "subject": "Re"})

    assert (await opened(person))["errors"] == {"subject": "Too short for a client."}
    assert "Too short for a client." in (await person.get("/?as=U0CLAIRE")).text


async def test_app_may_replace_the_modal(app, click, opens_modal, person):
    """`response_action: update` shows the new view in the same modal."""
    await click()
    view = (await opened(person))["view"]
    app.reply = {"response_action": "update", "view": MODAL | {"callback_id": "second"}}

    await person.post("/sandbox/submit-view", json={"user": "U0CLAIRE", "view_id": view["id"]})

    after = (await opened(person))["view"]
    assert (after["id"], after["callback_id"]) == (view["id"], "second")
