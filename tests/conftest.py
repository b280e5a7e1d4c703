"""Shared by all tests."""

import atexit

# Loaded here, at the start: its pytest plugin would load it at the very end, where CPython 3.11's parser can trip
# over a workflow's coroutine being collected ("AST constructor recursion depth mismatch").
import hypothesis  # noqa: F401
import pytest

from ops.leaving import leave


def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave as the farm's own short processes do: Temporal's client can abort one that is taken down.

    Registered at the start and so called last, after all else that is put in order at the end.
    """
    atexit.register(lambda: leave(int(session.exitstatus)))
