"""How a short process ends that has used Temporal's client."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

from ops.errors import FarmError


def leave(code: int) -> NoReturn:
    """End at once, with what was written flushed, and without taking the interpreter down.

    The client has threads of its own: one that comes back while the interpreter is taken down aborts the process
    ("PyGILState_Release: thread state must be current", signal 6), although all was done.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def carry_out(work: Coroutine[Any, Any, None]) -> NoReturn:
    """Do the one thing that this process is for, and end: with 1 and the reason where it can't be done."""
    try:
        asyncio.run(work)
    except FarmError as error:
        print(error, file=sys.stderr)
        leave(1)
    leave(0)
