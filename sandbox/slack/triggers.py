"""Trigger ids: the three seconds in which an app may open a modal for the person who just clicked."""

import secrets
import time
from collections.abc import Callable

from sandbox.slack.envelope import Refusal

LIFETIME_SECONDS = 3.0
"""docs.slack.dev/interactivity/handling-user-interaction: a trigger_id expires after three seconds."""


class Triggers:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._issued: dict[str, tuple[str, float]] = {}
        self._used: set[str] = set()

    def issue(self, user: str) -> str:
        trigger = f"{secrets.randbelow(10**11)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._issued[trigger] = (user, self._now())
        return trigger

    def exchange(self, trigger: str) -> str:
        """The user it stands for, once.

        Raises Refusal: `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`.
        """
        if trigger not in self._issued:
            raise Refusal("invalid_trigger_id")
        if trigger in self._used:
            raise Refusal("exchanged_trigger_id")
        user, issued = self._issued[trigger]
        if self._now() - issued > LIFETIME_SECONDS:
            raise Refusal("expired_trigger_id")
        self._used.add(trigger)
        return user
