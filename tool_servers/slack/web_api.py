"""Slack's Web API, as far as the tools need it, through the official SDK."""

import time
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from tool_servers.slack.failures import told_apart

Result = dict[str, Any]

EFFECT = "farmstead_effect"
"""Event type of the message metadata that carries an effect key: docs.slack.dev/messaging/message-metadata."""

LOOK_BACK_SECONDS = 7 * 24 * 3600
"""How far back a post that was cut short is looked for: longer than any retry or repair takes."""

_PAGE = 200


def web_client(token: str, base_url: str) -> AsyncWebClient:
    """No retries here: Temporal has them. Timeout in seconds."""
    return AsyncWebClient(token=token, base_url=base_url, timeout=10, retry_handlers=[])


@dataclass(frozen=True)
class Place:
    """Where a message is posted. `aloud`: a reply that is shown in the channel as well."""

    channel: str
    thread_ts: str | None = None
    aloud: bool = False


class WebApi:
    """Every method raises ToolError, worded by `told_apart`."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def post(self, place: Place, text: str, blocks: list[Result] | None, key: str) -> Result:
        metadata = {"event_type": EFFECT, "event_payload": {"key": key}} if key else None
        with told_apart():
            answer = await self._client.chat_postMessage(
                channel=place.channel,
                thread_ts=place.thread_ts,
                reply_broadcast=place.aloud or None,
                text=text,
                blocks=blocks,
                metadata=metadata,
            )
        return {"channel": answer["channel"], "ts": answer["ts"]}

    async def find_post(self, channel: str, thread_ts: str | None, key: str) -> Result | None:
        """The message that was posted under this effect key, where it is there."""
        cursor = ""
        while True:
            answer = await self._page(channel, thread_ts, cursor)
            for message in answer["messages"]:
                if _effect_key(message) == key:
                    return {"channel": channel, "ts": message["ts"]}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return None

    async def update(self, channel: str, ts: str, text: str, blocks: list[Result] | None) -> Result:
        with told_apart():
            answer = await self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        return {"channel": answer["channel"], "ts": answer["ts"]}

    async def user(self, user: str) -> Result:
        with told_apart():
            found = (await self._client.users_info(user=user))["user"]
        profile = found.get("profile", {})
        return {
            "id": found["id"],
            "name": found.get("name", ""),
            "real_name": found.get("real_name") or profile.get("real_name", ""),
            "title": profile.get("title", ""),
            "email": profile.get("email", ""),
            "timezone": found.get("tz", ""),
            "is_bot": bool(found.get("is_bot", False)),
        }

    async def _page(self, channel: str, thread_ts: str | None, cursor: str) -> Any:
        """Posts stand in the channel's history, replies in their thread's."""
        since = f"{time.time() - LOOK_BACK_SECONDS:.6f}"
        with told_apart():
            if thread_ts:
                return await self._client.conversations_replies(
                    channel=channel, ts=thread_ts, include_all_metadata=True, limit=_PAGE, oldest=since, cursor=cursor
                )
            return await self._client.conversations_history(
                channel=channel, include_all_metadata=True, limit=_PAGE, oldest=since, cursor=cursor
            )


def _effect_key(message: Result) -> str:
    metadata = message.get("metadata") or {}
    return str(metadata.get("event_payload", {}).get("key", "")) if metadata.get("event_type") == EFFECT else ""
