"""Requests a minute (or a shorter window, for tests): counted, enforced, and told in the vendor's headers.

Headers: https://platform.claude.com/docs/en/api/rate-limits#response-headers
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.model.errors import VendorError

WINDOW = 60.0
TOKENS_A_REQUEST = 10_000
"""The advertised token limit for each request of the limit; generous, and not enforced."""


class RateLimit:
    """A fixed window of one minute, unless told otherwise. `clock` gives seconds since the epoch."""

    def __init__(self, requests_per_window: int, clock: Callable[[], float], window: float = WINDOW) -> None:
        self._limit = requests_per_window
        self._window = window
        self._clock = clock
        self._window_start = 0.0
        self._used = 0

    def take(self) -> None:
        """Count one request.

        Raises `VendorError` (429, with retry-after) when the window's share is used up.
        """
        now = self._clock()
        if now - self._window_start >= self._window:
            self._window_start, self._used = now, 0
        if self._used >= self._limit:
            raise VendorError(429, retry_after=int(self._window_start + self._window - now) + 1)
        self._used += 1

    def headers_of_chat(self) -> dict[str, str]:
        """What every answer carries in chat completions' names: https://platform.openai.com/docs/guides/rate-limits"""
        left = max(0.0, self._window_start + WINDOW - self._clock())
        return {
            "x-ratelimit-limit-requests": str(self._limit),
            "x-ratelimit-remaining-requests": str(self._limit - self._used),
            "x-ratelimit-reset-requests": f"{left:.3f}s",
        }

    def headers(self) -> dict[str, str]:
        """What every answer carries."""
        reset = datetime.fromtimestamp(self._window_start + self._window, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        shares = {"requests": 1, "tokens": TOKENS_A_REQUEST}
        return {
            f"anthropic-ratelimit-{name}-{key}": value
            for name, size in shares.items()
            for key, value in {
                "limit": str(self._limit * size),
                "remaining": str((self._limit - self._used) * size),
                "reset": reset,
            }.items()
        }
