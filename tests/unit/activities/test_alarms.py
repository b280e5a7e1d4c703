"""Telling people in Slack that something waits for them."""

from fastmcp import Context, FastMCP

from activities.alarms import AlarmActivities
from activities.mcp import ToolServers
from activities.tools import ToolActivities
from contracts.calls import Alarm, CallSite

ALARM = Alarm(site=CallSite(run="sales:deal:42/run-20", step="breaker"), text="sales:deal:42 is stopped")


async def test_people_are_told_once(db, env):
    """However often the activity is delivered; in the farm's channel."""
    posted: list[tuple[str, str]] = []
    slack = FastMCP("slack")

    @slack.tool
    async def post_message(ctx: Context, channel: str, text: str) -> dict[str, str]:
        posted.append((channel, text))
        return {"channel": channel, "ts": "1.0"}

    servers = ToolServers({"slack": slack}, timeout_s=5)
    for _ in range(2):
        alarms = AlarmActivities(ToolActivities(db, servers), "C0SALES")
        assert not (await env.run(alarms.raise_alarm, ALARM)).is_error
    await servers.close()
    assert posted == [("C0SALES", "sales:deal:42 is stopped")]
