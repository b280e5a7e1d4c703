"""The meter: a breach stops the next call, in words that a person can decide by."""

from datetime import UTC, datetime

import pytest

from contracts.agents import Limits
from contracts.calls import ModelReply, Usage
from workflows.budget import Meter

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPLY = ModelReply(head="h", cost_usd=0.25, usage=Usage(input_tokens=100, output_tokens=10))


def meter(calls: int, **limits) -> Meter:
    meter = Meter(Limits(**limits), BEGAN)
    for _ in range(calls):
        meter.count(REPLY)
    return meter


@pytest.mark.parametrize(
    ("calls", "limits", "breach"),
    [
        (0, {"turns": 1}, ""),
        (1, {"turns": 2}, ""),
        (2, {"turns": 2, "cost_usd": 9}, "2 turns used of 2"),
        (3, {"turns": 9, "cost_usd": 1}, ""),
        (4, {"turns": 9, "cost_usd": 1}, "$1.0000 spent of $1.00"),
        (4, {"turns": 9, "cost_usd": 0.9}, "$1.0000 spent of $0.90"),
    ],
)
def test_a_limit_stops_the_next_call(calls, limits, breach):
    """Turns and money each have a limit; reaching one is a breach."""
    assert meter(calls, **limits).breach(BEGAN) == breach


def test_an_extension_grants_the_limits_once_more():
    """Each yes of a person is worth another round, counted from the beginning."""
    used = meter(2, turns=2, cost_usd=9)
    used.extend()
    assert used.breach(BEGAN) == ""
    used.count(REPLY)
    used.count(REPLY)
    assert used.breach(BEGAN) == "4 turns used of 4"


def test_everything_is_counted():
    """Turns, money and tokens of every call."""
    used = meter(3)
    assert (used.used.turns, used.cost_usd) == (3, 0.75)
    assert used.used.usage == Usage(input_tokens=300, output_tokens=30)
