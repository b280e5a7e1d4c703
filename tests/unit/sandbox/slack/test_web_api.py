import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

CHANNEL = "C0SALES"


async def refusal(call) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value


async def test_posted_message_comes_back_as_the_bots_own(client):
    """chat.postMessage answers channel, ts and a message with the bot's marks, as Slack does."""
    answer = await client.chat_postMessage(channel=CHANNEL, text="Bonjour")

    assert answer["channel"] == CHANNEL
    assert answer["message"]["text"] == "Bonjour"
    assert answer["message"]["user"] == "U0FARM"
    assert answer["message"]["bot_id"] == answer["message"]["bot_profile"]["id"]
    seconds, micros = answer["ts"].split(".")
    assert len(seconds) == 10
    assert len(micros) == 6


def test_the_blocking_client_is_served_too(slack_url):
    """slack_sdk's WebClient, which speaks through urllib, is answered alike."""
    client = WebClient(token="xoxb-test", base_url=f"{slack_url}/api/")

    assert client.auth_test()["user_id"] == "U0FARM"


async def test_ts_never_repeats(client):
    """Messages posted in one breath have rising timestamps."""
    given = [(await client.chat_postMessage(channel=CHANNEL, text=str(n)))["ts"] for n in range(20)]

    assert given == sorted(set(given))


async def test_channel_may_be_named(client):
    """#sales-agent is as good as its id for chat.postMessage, and for nothing else."""
    assert (await client.chat_postMessage(channel="#sales-agent", text="hi"))["channel"] == CHANNEL
    assert (await refusal(client.conversations_history(channel="sales-agent"))).response["error"] == "channel_not_found"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda client: client.chat_postMessage(channel="C404", text="hi"), "channel_not_found"),
        (lambda client: client.api_call("chat.postMessage", json={"channel": CHANNEL}), "no_text"),
        (lambda client: client.chat_postMessage(channel=CHANNEL, text="x" * 40_001), "msg_too_long"),
        (lambda client: client.chat_postMessage(channel=CHANNEL, text="hi", blocks="{oh"), "invalid_blocks_format"),
        (lambda client: client.chat_postMessage(channel=CHANNEL, text="hi", metadata={}), "invalid_metadata_format"),
        (lambda client: client.chat_update(channel=CHANNEL, ts="1.000001", text="hi"), "message_not_found"),
        (lambda client: client.chat_postEphemeral(channel=CHANNEL, user="U404", text="hi"), "user_not_in_channel"),
        (lambda client: client.users_info(user="U404"), "user_not_found"),
        (lambda client: client.conversations_replies(channel=CHANNEL, ts="1.000001"), "thread_not_found"),
        (lambda client: client.conversations_history(channel=CHANNEL, cursor="?"), "invalid_cursor"),
        (lambda client: client.views_open(trigger_id="1.2.x", view={"type": "modal"}), "invalid_arguments"),
        (lambda client: client.api_call("chat.sing"), "unknown_method"),
    ],
)
async def test_what_slack_refuses_is_refused_in_its_words(client, call, error):
    """A wrong call gets status 200, ok false, and Slack's error code."""
    caught = await refusal(call(client))

    assert caught.response.status_code == 200
    assert caught.response["error"] == error


@pytest.mark.parametrize(("token", "error"), [("xoxb-other", "invalid_auth"), (None, "not_authed")])
async def test_only_the_bots_token_is_let_in(slack_url, token, error):
    """A missing and a wrong token are told apart."""
    stranger = AsyncWebClient(token=token, base_url=f"{slack_url}/api/", retry_handlers=[])

    assert (await refusal(stranger.auth_test())).response["error"] == error


async def test_text_alone_takes_the_blocks_away(client):
    """chat.update with text and no blocks removes the old blocks and marks the message edited."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Waiting"}}]
    ts = (await client.chat_postMessage(channel=CHANNEL, text="Waiting", blocks=blocks))["ts"]

    answer = await client.chat_update(channel=CHANNEL, ts=ts, text="Approved")

    assert answer["text"] == "Approved"
    assert "blocks" not in answer["message"]
    assert answer["message"]["edited"]["user"] == "U0FARM"


async def test_a_reply_to_all_stands_in_the_channel_too(client):
    """docs.slack.dev/reference/methods/chat.postMessage: `reply_broadcast`; changed, it stays one."""
    parent = (await client.chat_postMessage(channel=CHANNEL, text="parent"))["ts"]
    reply = await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=parent, reply_broadcast=True)
    await client.chat_update(channel=CHANNEL, ts=reply["ts"], text="changed")

    history = (await client.conversations_history(channel=CHANNEL))["messages"]
    thread = (await client.conversations_replies(channel=CHANNEL, ts=parent))["messages"]

    assert [(each["text"], each.get("subtype")) for each in history] == [
        ("changed", "thread_broadcast"),
        ("parent", None),
    ]
    assert [each["text"] for each in thread] == ["parent", "changed"]


async def test_threads_stay_out_of_the_history(client):
    """A reply is found by conversations.replies; the history shows its parent with a count."""
    parent = (await client.chat_postMessage(channel=CHANNEL, text="parent"))["ts"]
    await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=parent)

    history = await client.conversations_history(channel=CHANNEL)
    thread = await client.conversations_replies(channel=CHANNEL, ts=parent)

    assert [message["text"] for message in history["messages"]] == ["parent"]
    assert history["messages"][0]["reply_count"] == 1
    assert [message["text"] for message in thread["messages"]] == ["parent", "reply"]


async def test_history_pages_newest_first(client):
    """A cursor leads through the whole history without gaps."""
    for number in range(5):
        await client.chat_postMessage(channel=CHANNEL, text=str(number))

    first = await client.conversations_history(channel=CHANNEL, limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_history(channel=CHANNEL, limit=3, cursor=cursor)

    assert [message["text"] for message in [*first["messages"], *second["messages"]]] == ["4", "3", "2", "1", "0"]
    assert not second["has_more"]


async def test_metadata_is_shown_whole_only_when_asked(client):
    """include_all_metadata brings the event payload; without it there is the event type alone."""
    metadata = {"event_type": "farmstead_effect", "event_payload": {"key": "k1"}}
    await client.chat_postMessage(channel=CHANNEL, text="hi", metadata=metadata)

    bare = await client.conversations_history(channel=CHANNEL)
    whole = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)

    assert bare["messages"][0]["metadata"] == {"event_type": "farmstead_effect"}
    assert whole["messages"][0]["metadata"] == metadata


async def test_ephemeral_message_is_for_one_person(client, person):
    """chat.postEphemeral stays out of the history and off other people's page."""
    await client.chat_postEphemeral(channel=CHANNEL, user="U0CLAIRE", text="just for you")

    assert (await client.conversations_history(channel=CHANNEL))["messages"] == []
    assert "just for you" in (await person.get("/?as=U0CLAIRE")).text
    assert "just for you" not in (await person.get("/?as=U0TOM")).text


async def test_people_are_known(client):
    """users.info tells who someone is, and who is a bot."""
    claire = (await client.users_info(user="U0CLAIRE"))["user"]

    assert claire["profile"]["real_name"] == "Claire Martin"
    assert (await client.users_info(user="U0FARM"))["user"]["is_bot"]
