"""Telling people, in Slack, that something waits for them."""

from pydantic import JsonValue
from temporalio import activity

from activities.tools import ToolActivities
from contracts import names
from contracts.calls import Alarm, ToolCall, ToolReply
from contracts.effects import effect_key


class AlarmActivities:
    """The `raise_alarm` activity. `channel`: the Slack channel for reports and questions."""

    def __init__(self, tools: ToolActivities, channel: str) -> None:
        self._tools = tools
        self._channel = channel

    @activity.defn(name=names.RAISE_ALARM)
    async def raise_alarm(self, alarm: Alarm) -> ToolReply:
        """Post it once, through the journal like any message."""
        arguments: dict[str, JsonValue] = {"channel": self._channel, "text": alarm.text}
        arguments |= {"blocks": list(alarm.blocks)} if alarm.blocks else {}
        arguments |= {"ts": alarm.instead_of} if alarm.instead_of else {}
        tool = "update_message" if alarm.instead_of else "post_message"
        key = effect_key(alarm.site, names.model_tool_name("slack", tool), arguments)
        call = ToolCall(
            site=alarm.site, server="slack", tool=tool, arguments=arguments, effect_key=key, repeatable=True
        )
        return await self._tools.call_tool(call)
