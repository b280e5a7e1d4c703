"""Death from outside: workers at any moment, tool servers now and then."""

import asyncio
import contextlib
import os
import random
import signal

from ops.drill.stage import Stage

LOOKS_EVERY_S = 0.3
SERVERS = ("tools-crm", "tools-slack", "tools-memory")
SERVER_EVERY_S = 80.0


async def kill_workers(on: Stage) -> None:
    """Kill some living worker whenever it is due, once there is work to be killed in; for ever."""
    while not on.book.steps():  # noqa: ASYNC110  other processes write them
        await asyncio.sleep(LOOKS_EVERY_S)
    while True:
        await asyncio.sleep(random.uniform(0, 2 * LOOKS_EVERY_S))  # noqa: S311
        living = on.book.alive()
        life, pid = random.choice(living) if living else (0, 0)  # noqa: S311
        if pid and on.book.strike_from_outside(life):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


async def kill_tool_servers(on: Stage, count: list[str]) -> None:
    """Kill one tool server after another and start it again at once; for ever. `count` gets their names."""
    while True:
        await asyncio.sleep(SERVER_EVERY_S / 2)
        name = SERVERS[len(count) % len(SERVERS)]
        count.append(name)
        await on.stack.take_away(name)
        await on.stack.bring_back(name)
        await asyncio.sleep(SERVER_EVERY_S / 2)
