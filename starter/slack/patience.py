"""Slack's three seconds, as a moment by which a request must be answered, whatever it waits for."""

import asyncio
from datetime import timedelta

PATIENCE = 2.2
"""Seconds from a request's arrival to its answer. Slack gives up after 3: some are for the way and a busy process."""

DECIDING = timedelta(seconds=30)
"""How long a click is tried beyond that. Nothing is shown meanwhile but the question as it was: then the person is told
that it didn't count.
"""

TEMPORAL = timedelta(seconds=1)
"""Of these for Temporal to take an event, so that some are left to write it to the disk instead."""


def answer_by() -> float:
    """That moment, by the loop's clock: for `asyncio.timeout_at`. Call it before the body is read."""
    return asyncio.get_running_loop().time() + PATIENCE
