"""Rate limits: a burst window for each token and a daily token budget for the company.

Source: pipedrive.readme.io/docs/core-api-concepts-rate-limiting (Premium plan: 100 requests in 2 seconds a token;
30,000 x 5 x seats tokens a day) and the token costs in the vendor's OpenAPI documents. The two daily headers
are not documented but sent by the live API.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request

from sandbox.crm.refusals import Refused

WINDOW_SECONDS = 2.0
BURST = 100
DAILY = 30_000 * 5 * 4


class OverLimit(Refused):
    def __init__(self, retry_after: int) -> None:
        super().__init__(429, "request over limit")
        self.retry_after = retry_after


class Limits:
    """Counts every call; refuses only where `enforced`."""

    def __init__(self, enforced: bool, clock: Callable[[], datetime]) -> None:
        self.enforced = enforced
        self.burst = BURST
        self.daily = DAILY
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._spent: dict[str, int] = defaultdict(int)

    def count(self, token: str, cost: int) -> dict[str, str]:
        """The headers for this call. Raises `OverLimit` where it is one too many."""
        now = self._clock().astimezone(UTC)
        calls = self._calls[token]
        while calls and calls[0] <= now.timestamp() - WINDOW_SECONDS:
            calls.popleft()
        today = now.date().isoformat()
        if self.enforced and self._spent[today] + cost > self.daily:
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            raise OverLimit(math.ceil((midnight - now).total_seconds()))
        if self.enforced and len(calls) >= self.burst:
            raise OverLimit(self._reset(token, now))
        calls.append(now.timestamp())
        self._spent[today] += cost
        return self.headers(token)

    def headers(self, token: str) -> dict[str, str]:
        now = self._clock().astimezone(UTC)
        return {
            "x-ratelimit-limit": str(self.burst),
            "x-ratelimit-remaining": str(max(self.burst - len(self._calls[token]), 0)),
            "x-ratelimit-reset": str(self._reset(token, now)),
            "x-daily-ratelimit-token-limit": str(self.daily),
            "x-daily-ratelimit-token-remaining": str(max(self.daily - self._spent[now.date().isoformat()], 0)),
        }

    def _reset(self, token: str, now: datetime) -> int:
        """Whole seconds until the oldest call leaves the window."""
        oldest = self._calls[token][0] if self._calls[token] else now.timestamp()
        return max(math.ceil(oldest + WINDOW_SECONDS - now.timestamp()), 1)


def cost(request: Request) -> int:
    """Tokens that a call costs: half in v2, less for one record than for a list."""
    if request.url.path.endswith("/search"):
        price = 40
    elif request.method == "GET":
        price = 2 if "id" in request.path_params or request.url.path.endswith("/me") else 20
    else:
        price = 6 if request.method == "DELETE" else 10
    return price // 2 if request.url.path.startswith("/api/v2") else price
