from datetime import date

import pytest

from ops.cost.reconcile import DaySpent, Difference, reconcile

DAY = date(2026, 11, 27)


def spent(calls: int, usd: float, agent: str = "sales", day: date = DAY) -> DaySpent:
    return DaySpent(day=day, agent=agent, calls=calls, cost_usd=usd)


def test_two_counts_that_agree_differ_in_nothing() -> None:
    """However each of them is split."""
    found = reconcile([spent(3, 0.3)], [spent(1, 0.1), spent(2, 0.2)], DAY)
    assert found.differences == ()
    assert (found.ledger_calls, found.proxy_calls) == (3, 3)
    assert found.ledger_usd == pytest.approx(found.proxy_usd)


def test_a_call_that_only_the_proxy_knows_is_a_difference() -> None:
    """A worker that died with the answer on its way: it was paid, and no run has it."""
    found = reconcile([spent(3, 0.25), spent(1, 1.0, "support")], [spent(4, 0.5), spent(1, 1.0, "support")], DAY)
    assert found.differences == (
        Difference(day=DAY, agent="sales", ledger_calls=3, ledger_usd=0.25, proxy_calls=4, proxy_usd=0.5),
    )
    assert found.differences[0].usd == 0.25


def test_what_one_of_them_has_nothing_of_is_a_difference() -> None:
    """By day and agent, the oldest first."""
    found = reconcile([spent(1, 0.1, day=date(2026, 11, 28))], [spent(1, 0.1)], DAY)
    assert [(each.day.day, each.ledger_calls, each.proxy_calls) for each in found.differences] == [
        (27, 0, 1),
        (28, 1, 0),
    ]


def test_a_call_that_cost_nothing_is_a_difference_too() -> None:
    """The money agrees, and one of the two hasn't seen it."""
    (found,) = reconcile([spent(1, 0.5)], [spent(2, 0.5)], DAY).differences
    assert (found.usd, found.proxy_calls) == (0.0, 2)


def test_the_same_calls_at_another_price_are_a_difference() -> None:
    """The proxy's table is older than ours, say."""
    (found,) = reconcile([spent(1, 0.1)], [spent(1, 0.2)], DAY).differences
    assert found.usd == pytest.approx(0.1)
