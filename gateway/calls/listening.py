"""What the gateway hears of calls under way: asked for all of a process at once, and only while somebody waits."""

import asyncio
import time
from collections.abc import Mapping

import anthropic
import httpx2

from contracts.progress import CallProgress

FRESH_S = 1.0
"""What was heard holds for so long: hundreds of calls that wait ask once a second together."""

WITHIN_S = 3.0
UNDER_WAY = "/farm/calls"


class Listening:
    """At one gateway, with one key."""

    def __init__(self, client: anthropic.AsyncAnthropic) -> None:
        self._client = client
        self._one_at_a_time = asyncio.Lock()
        self._calls: Mapping[str, CallProgress] | None = {}
        self._asked_at = float("-inf")

    async def told(self, call_id: str) -> str:
        """Of one call, in words. Empty where the gateway knows nothing of it, or nothing of listening."""
        async with self._one_at_a_time:
            if time.monotonic() - self._asked_at > FRESH_S:
                self._calls = await self._ask()
                self._asked_at = time.monotonic()
        if self._calls is None:
            return "the gateway doesn't answer"
        heard = self._calls.get(call_id)
        return heard.told() if heard else ""

    async def _ask(self) -> Mapping[str, CallProgress] | None:
        """None where no answer came."""
        try:
            answer = await self._client.get(UNDER_WAY, cast_to=httpx2.Response, options={"timeout": WITHIN_S})
            return {call: CallProgress.model_validate(heard) for call, heard in answer.json().items()}
        except anthropic.APIConnectionError:
            return None
        except (anthropic.APIStatusError, ValueError):  # another gateway than ours
            return {}
