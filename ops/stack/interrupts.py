"""Run a stack until it is done or someone says stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end. A signal cancels the work once, so that its clean-up is never cut short by an impatient second
    Ctrl-C; the process then exits with 128 + the signal's number.
    """
    received: list[signal.Signals] = []

    async def guarded() -> T:
        task = asyncio.ensure_future(work)

        def stop(number: signal.Signals) -> None:
            if not received:
                received.append(number)
                task.cancel()

        for number in STOPS:
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        return await task

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        raise SystemExit(128 + received[0] if received else 1) from None
