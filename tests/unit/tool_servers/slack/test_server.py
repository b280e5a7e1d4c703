import pytest
from fastmcp.exceptions import ToolError

CHANNEL = "C0SALES"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Report*"}}


async def test_message_is_posted(call, slack):
    """post_message answers where the message stands."""
    posted = await call("post_message", channel=CHANNEL, text="Bonjour", blocks=[SECTION])

    assert posted["channel"] == CHANNEL
    assert posted["ts"]
    assert slack.said() == ["Bonjour"]


async def test_reply_goes_into_the_thread(call, slack):
    """With thread_ts the message is a reply."""
    parent = await call("post_message", channel=CHANNEL, text="parent")
    await call("post_message", channel=CHANNEL, text="reply", thread_ts=parent["ts"])

    assert slack.said() == ["parent", "reply"]


async def test_message_is_changed(call, slack):
    """update_message replaces the text."""
    posted = await call("post_message", channel=CHANNEL, text="Waiting")

    assert await call("update_message", channel=CHANNEL, ts=posted["ts"], text="Approved") == posted
    assert slack.said() == ["Approved"]


async def test_person_is_looked_up(call):
    """get_user says who it is."""
    claire = await call("get_user", user="U0CLAIRE")

    assert (claire["real_name"], claire["title"], claire["is_bot"]) == ("Claire Martin", "Sales lead, Lyon", False)


async def test_repeated_key_posts_once(call, slack):
    """A second call with the same effect key answers the first one's message."""
    first = await call("post_message", "k1", channel=CHANNEL, text="once")

    assert await call("post_message", "k1", channel=CHANNEL, text="once") == first
    assert slack.said() == ["once"]


async def test_without_a_key_every_call_posts(call, slack):
    """Nobody asked for once."""
    for _ in range(2):
        await call("post_message", channel=CHANNEL, text="again")

    assert slack.said() == ["again", "again"]


async def test_post_whose_answer_was_lost_is_found_again(call, slack):
    """Slack took the message, the answer was lost: the repeat finds it by its metadata and posts nothing."""
    slack.fails("lost-reply", times=1)
    with pytest.raises(ToolError, match=r"^passing: "):
        await call("post_message", "k1", channel=CHANNEL, text="said")

    assert (await call("post_message", "k1", channel=CHANNEL, text="said"))["ts"]
    assert slack.said() == ["said"]


async def test_a_reply_can_be_shown_to_the_channel(call, slack):
    """Of a message that is no reply it says nothing."""
    parent = await call("post_message", channel=CHANNEL, text="parent", reply_broadcast=True)
    await call("post_message", channel=CHANNEL, text="reply", thread_ts=parent["ts"], reply_broadcast=True)
    shown = [(each["text"], each.get("subtype")) for each in slack.in_the_channel()]
    assert shown == [("parent", None), ("reply", "thread_broadcast")]


async def test_reply_whose_answer_was_lost_is_found_in_its_thread(call, slack):
    """A thread's messages are not in the channel's history: they are looked for where they are."""
    parent = await call("post_message", channel=CHANNEL, text="parent")
    reply = {"channel": CHANNEL, "text": "reply", "thread_ts": parent["ts"]}
    slack.fails("lost-reply", times=1)
    with pytest.raises(ToolError):
        await call("post_message", "k1", **reply)

    await call("post_message", "k1", **reply)

    assert slack.said() == ["parent", "reply"]


async def test_post_that_never_arrived_is_made(call, slack):
    """Slack was down, nothing is found: the repeat posts."""
    slack.fails("down", times=1)
    with pytest.raises(ToolError, match=r"^passing: "):
        await call("post_message", "k1", channel=CHANNEL, text="at last")

    await call("post_message", "k1", channel=CHANNEL, text="at last")

    assert slack.said() == ["at last"]


async def test_lookup_that_fails_posts_nothing(call, slack):
    """Where Slack can't be asked whether it has the message, the message is not risked."""
    slack.fails("lost-reply", times=1)
    with pytest.raises(ToolError):
        await call("post_message", "k1", channel=CHANNEL, text="said")
    slack.fails("down", times=1, methods=("conversations.history",))
    with pytest.raises(ToolError, match=r"^passing: "):
        await call("post_message", "k1", channel=CHANNEL, text="said")

    assert slack.said() == ["said"]


async def test_found_post_beyond_the_first_page(call, slack):
    """The search goes through the pages of a busy channel."""
    slack.fails("lost-reply", times=1)
    with pytest.raises(ToolError):
        await call("post_message", "k1", channel=CHANNEL, text="old")
    for _ in range(201):
        await call("post_message", channel=CHANNEL, text="noise")

    await call("post_message", "k1", channel=CHANNEL, text="old")

    assert slack.said().count("old") == 1


async def test_tools_declare_their_nature(tools):
    """Reading, repeating and destroying are told in the annotations."""
    hints = {tool.name: tool.annotations for tool in await tools.list_tools()}

    assert hints["get_user"].read_only_hint
    assert hints["update_message"].idempotent_hint
    assert not hints["post_message"].idempotent_hint
    assert not hints["post_message"].destructive_hint
