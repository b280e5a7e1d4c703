"""`./farm down`: stop a stack, whoever started it and even if its runner is gone."""

import contextlib
import os
import signal

import psutil

from ops.console import progress
from ops.options import AnyInstance
from ops.stack import state
from ops.stack.child import GRACE
from ops.stack.state import StackState

RUNNER_PATIENCE = 4 * GRACE
"""Seconds: it takes its parts down level by level."""


def down(name: AnyInstance = "") -> None:
    """Stop the stack that runs."""
    which = state.chosen(name)
    now = state.load(which)
    if now is None or not state.is_running(now):
        progress.print(f"{which.name} does not run.")
        return
    runner = now.runner.find() if now.runner else None
    if runner:
        runner.terminate()
        psutil.wait_procs([runner], timeout=RUNNER_PATIENCE)
    _end_what_is_left(now)
    progress.print(f"{which.name} is down.")


def _end_what_is_left(now: StackState) -> None:
    """Parts whose runner was killed. Each leads a process group of its own."""
    left = state.alive(now)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
        _, left = psutil.wait_procs(left, timeout=GRACE)
