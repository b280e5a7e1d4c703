import pytest
from slack_sdk.errors import SlackApiError

CHANNEL = "C0SALES"


async def test_rate_limit_is_told_with_the_seconds_to_wait(client, person):
    """A limited call gets 429 and Retry-After; the next one is well again."""
    await person.post("/sandbox/faults", json={"mode": "rate-limit", "times": 1, "retry_after": 7})

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="hi")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"
    assert (await client.chat_postMessage(channel=CHANNEL, text="hi"))["ok"]


async def test_fault_hits_the_named_methods_alone(client, person):
    """While chat.postMessage is down, users.info answers."""
    await person.post("/sandbox/faults", json={"mode": "down", "methods": ["chat.postMessage"]})

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="hi")

    assert caught.value.response.status_code == 503
    assert (await client.users_info(user="U0TOM"))["ok"]


async def test_lost_reply_leaves_the_message_standing(client, person):
    """The caller sees a 503, and yet the message is in the channel."""
    await person.post("/sandbox/faults", json={"mode": "lost-reply", "times": 1})

    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=CHANNEL, text="said")

    said = (await person.get("/sandbox/messages", params={"channel": CHANNEL})).json()["messages"]
    assert [message["text"] for message in said] == ["said"]


async def test_slow_call_is_answered_late(client, person):
    """A slow call waits as long as it was told."""
    await person.post("/sandbox/faults", json={"mode": "slow", "seconds": 2})
    client.timeout = 0.3

    with pytest.raises(TimeoutError):
        await client.auth_test()


async def test_unknown_fault_is_refused(person):
    """A misspelt mode is an error, and not a silence."""
    assert (await person.post("/sandbox/faults", json={"mode": "sulky"})).status_code == 422
