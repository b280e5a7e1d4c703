"""One process of the stack: started in a group of its own, and gone with all its children when it is stopped."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

from ops.errors import FarmError
from ops.places import ROOT
from ops.stack.plan import Launch

GRACE = 8.0
"""Seconds between SIGTERM and SIGKILL."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Child:
    """A started part."""

    def __init__(self, launch: Launch, process: asyncio.subprocess.Process) -> None:
        self.launch = launch
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Exit code (negative: the signal), or None while it runs."""
        return self._process.returncode

    async def ended(self) -> int:
        return await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM to the group, and SIGKILL to what is left of it when the time is up or the part has ended."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), GRACE)
        self._signal(signal.SIGKILL)
        await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL to the group: no part has a say in it."""
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


async def start(launch: Launch) -> Child:
    """Start a part with its output in its log file. FarmError when there is no such program."""
    launch.log.parent.mkdir(parents=True, exist_ok=True)
    with launch.log.open("ab") as log:
        try:
            process = await asyncio.create_subprocess_exec(
                *launch.argv,
                cwd=ROOT,
                env=launch.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        except OSError as error:
            raise FarmError(f"{launch.name} can't be started: {launch.argv[0]}: {error.strerror}") from error
    return Child(launch, process)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for a message about the part that wrote it."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line[:300]}" for line in lines[-count:])


if sys.platform == "linux":
    _libc = ctypes.CDLL(None)  # found before the fork: between fork and exec nothing may allocate


def _die_with_parent() -> None:
    """A runner that is killed outright leaves nothing behind. Linux alone has this; elsewhere `down` finds the rest."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
