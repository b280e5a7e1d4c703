"""The demo with nobody there to decide."""

import signal

import pytest

from tests.integration.stack.conftest import Farm

pytestmark = [pytest.mark.stack, pytest.mark.timeout(60)]


def test_demo_without_a_terminal_says_at_once_that_it_will_wait(farm: Farm) -> None:
    """Before anything starts it is said that somebody has to decide, and how to do without; then it can be ended."""
    demo = farm.command("demo")
    said = "".join(demo.stderr.readline() for _ in range(3))
    demo.send_signal(signal.SIGTERM)
    assert "the demo waits for a person to decide" in said
    assert "--yes" in said
    assert demo.wait(30) == 128 + signal.SIGTERM
    demo.communicate()
    assert farm.listens() == []
