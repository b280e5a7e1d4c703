"""The meter: a breach stops the next call, in words that a person can decide by."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.agents import Limits
from contracts.calls import ModelReply, Usage
from contracts.workflows import Used
from workflows.run.budget import Meter

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


def later(**span: float) -> datetime:
    return BEGAN + timedelta(**span)


def test_tokens_have_a_limit_too():
    """Read and written ones, from the cache or not."""
    used = meter(2, turns=9, cost_usd=9, tokens=220)
    assert used.breach(BEGAN) == "220 tokens used of 220"


def test_working_time_has_a_limit():
    """Counted from the run's start."""
    used = meter(0, working_time=timedelta(minutes=30))
    assert used.breach(later(minutes=29)) == ""
    assert used.breach(later(minutes=30)) == "0:30:00 worked of 0:30:00"


def test_time_with_people_is_not_working_time():
    """Two questions that overlap are waited for once, from the first one asked to the last one answered."""
    used = meter(0)
    used.wait_begins(later(minutes=10))
    used.wait_begins(later(minutes=20))
    used.wait_ends(later(minutes=30))
    assert used.worked(later(minutes=40)) == timedelta(minutes=10)
    used.wait_ends(later(minutes=40))
    assert used.worked(later(minutes=50)) == timedelta(minutes=20)
    assert used.used.idle_s == 30 * 60


def test_a_share_is_what_is_left_beside_what_is_lent():
    """Two sub-agents at once can't both be given the last of it."""
    used = meter(2, turns=9, cost_usd=1.0, tokens=1000)
    most = Limits(cost_usd=0.3, tokens=700)
    first, second, third = (used.lend(most, BEGAN) for _ in range(3))
    assert (first.cost_usd, first.tokens) == (0.3, 700)
    assert (round(second.cost_usd, 6), second.tokens) == (0.2, 80)
    assert third is None


def test_a_settled_share_is_free_again():
    """What it really used is the asker's; the rest can be lent once more. Its turns are its own."""
    used = meter(0, turns=9, cost_usd=1.0)
    share = used.lend(Limits(cost_usd=1.0, tokens=1), BEGAN)
    assert used.lend(Limits(tokens=1), BEGAN) is None
    used.settle(share, Used(turns=7, cost_usd=0.25, usage=Usage(output_tokens=5)))
    assert (used.used.turns, used.cost_usd, used.used.usage.output_tokens) == (0, 0.25, 5)
    assert used.lend(Limits(cost_usd=1.0, tokens=1), BEGAN).cost_usd == 0.75


def test_a_share_ends_with_the_asker_s_time():
    """A sub-agent gets no more time than its asker has left."""
    used = meter(0, working_time=timedelta(minutes=30))
    share = used.lend(Limits(working_time=timedelta(hours=1)), later(minutes=20))
    assert share.working_time == timedelta(minutes=10)
    assert used.lend(Limits(), later(minutes=30)) is None
