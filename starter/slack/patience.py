"""Slack's three seconds, as a moment by which a request must be answered, whatever it waits for."""

import asyncio

PATIENCE = 2.5
"""Seconds from a request's arrival to its answer: Slack gives up after 3."""


def answer_by() -> float:
    """That moment, by the loop's clock: for `asyncio.timeout_at`. Call it before the body is read."""
    return asyncio.get_running_loop().time() + PATIENCE
