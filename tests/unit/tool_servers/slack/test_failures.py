import pytest
from fastmcp.exceptions import ToolError

CHANNEL = "C0SALES"


async def failure(client, tool="post_message", **arguments) -> str:
    async with client as tools:
        with pytest.raises(ToolError) as caught:
            await tools.call_tool(tool, arguments or {"channel": CHANNEL, "text": "hi"})
    return str(caught.value)


async def test_rate_limit_is_passing_and_says_how_long(connect, slack):
    """429 is worth another try, after the seconds that Slack names."""
    slack.fails("rate-limit", retry_after=7)

    assert await failure(connect()) == "passing: Slack refused: ratelimited, retry-after=7"


async def test_slack_down_is_passing(connect, slack):
    """A 503 without a body is worth another try."""
    slack.fails("down")

    assert await failure(connect()) == "passing: Slack answered 503 without a reason"


async def test_slow_slack_is_passing(connect, slack):
    """No answer in time is worth another try."""
    slack.fails("slow", seconds=1)

    assert await failure(connect(timeout=0.2)) == "passing: Slack did not answer in time"


async def test_unreachable_slack_is_passing(connect):
    """A refused connection is worth another try."""
    assert (await failure(connect(url="http://127.0.0.1:9"))).startswith("passing: Slack can't be reached")


async def test_wrong_token_is_permanent(connect):
    """No retry mends a token."""
    assert await failure(connect(token="xoxb-other")) == "permanent: Slack refused: invalid_auth"


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("post_message", {"channel": "C404", "text": "hi"}, "channel_not_found"),
        ("update_message", {"channel": CHANNEL, "ts": "1.000001", "text": "hi"}, "message_not_found"),
        ("get_user", {"user": "U404"}, "user_not_found"),
        (
            "post_message",
            {"channel": CHANNEL, "text": "hi", "blocks": [{"type": "sparkles"}]},
            "invalid_blocks ([ERROR] unsupported type: sparkles [json-pointer:/blocks/0/type])",
        ),
    ],
)
async def test_what_other_arguments_would_mend_is_bad_arguments(connect, tool, arguments, said):
    """The model is told what is wrong, in Slack's words."""
    assert await failure(connect(), tool, **arguments) == f"bad arguments: Slack refused: {said}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"channel": "#sales", "text": "hi"}, "channel: String should match pattern '^[CDG][A-Z0-9]+$'"),
        ({"channel": CHANNEL}, "text: Missing required argument"),
    ],
)
async def test_arguments_off_the_schema_are_refused_before_slack(connect, slack, arguments, said):
    """A name where an id belongs, a missing text: said in one line, and Slack is not asked."""
    assert await failure(connect(), **arguments) == f"bad arguments: {said}"
    assert slack.said() == []
