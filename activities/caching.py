"""Whether the vendor's cache did what it should have for one turn, and if not, why. Pure."""

from datetime import datetime, timedelta

from contracts.calls import ModelReply
from store.model_calls import TurnBefore

LIFETIME = timedelta(minutes=5)
"""How long the end of a conversation is kept, from its last use."""

ENOUGH = 0.9
"""Vendors that cache by themselves do so in steps of 128 tokens."""

UNWANTED = ("changed", "unexplained")
"""Reasons that somebody should look at."""


def cache_miss(before: TurnBefore | None, header: str, reply: ModelReply, role: str, at: datetime, *, on: bool) -> str:
    """Why the turn read less from the cache than the one before had left there; empty where it didn't, or couldn't.

    `header`: of this request. `on`: its conversation goes on, so its end was looked for.

    - `final`: the last turn may call no tool, and the vendor keeps no conversation over that;
    - `model`: another model answered than before, as after a fallback;
    - `changed`: tools, system prompt or answer's schema are not what they were a turn ago;
    - `expired`: more than the cache's lifetime lay between the two;
    - `unexplained`: none of these.
    """
    if before is None or before.role != role or reply.usage.cache_read_tokens >= ENOUGH * before.kept_tokens:
        return ""
    if not on:
        return "final"
    if before.model != reply.model:
        return "model"
    if before.header != header:
        return "changed"
    return "expired" if at - before.at > LIFETIME else "unexplained"
