"""What one person alone is told or shown in Slack. That Slack is away is nobody's trouble but the log's."""

import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

AWAY = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)

RATE_LIMITED = 2
"""How often a word waits for as long as Slack says, and is said again."""


def patient_client(token: str, base_url: str) -> AsyncWebClient:
    """A client for what nobody waits for: when Slack says how long to wait, it waits."""
    retries: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=RATE_LIMITED)]
    return AsyncWebClient(token=token, base_url=base_url, timeout=10, retry_handlers=retries)


class Telling:
    """Says something to one person, in the channel where they clicked or in the app's home tab."""

    def __init__(self, slack: AsyncWebClient) -> None:
        self._slack = slack

    async def tell(self, channel: str, user: str, text: str) -> None:
        """Once; where Slack doesn't take it, the log has it."""
        try:
            await self._slack.chat_postEphemeral(channel=channel, user=user, text=text)
        except AWAY as error:
            log.warning("%s could not be told in Slack: %s", user, type(error).__name__)

    async def publish(self, user: str, view: dict[str, Any]) -> None:
        """What the app's home tab shows this person from now on."""
        try:
            await self._slack.views_publish(user_id=user, view=view)
        except AWAY as error:
            log.warning("the home tab of %s could not be published: %s", user, type(error).__name__)
