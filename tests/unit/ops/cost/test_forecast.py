from datetime import date

import pytest

from ops.cost.forecast import first_day_needed, forecast

LONG_AGO = date(2026, 1, 1)


def november(**days: float) -> dict[date, float]:
    return {date(2026, 11, int(name[1:])): usd for name, usd in days.items()}


def test_days_to_come_cost_what_the_last_ones_did() -> None:
    """The mean of the last seven that are over, quiet ones included."""
    found = forecast(november(d1=7.0, d19=7.0, d20=1.0), LONG_AGO, date(2026, 11, 21))
    assert (found.so_far_usd, found.days) == (15.0, 7)
    assert found.a_day_usd == pytest.approx(8 / 7)
    assert found.month_usd == pytest.approx(15 + 8 / 7 + 9 * 8 / 7)


def test_what_today_has_cost_already_is_not_counted_twice() -> None:
    """A day that cost more than the mean by now costs no more; it doesn't bring the others down."""
    by_day = november(**{f"d{day}": 2.0 for day in range(20, 27)})
    assert forecast(by_day, LONG_AGO, date(2026, 11, 27)).month_usd == pytest.approx(14 + 4 * 2)
    assert forecast({**by_day, **november(d27=1.5)}, LONG_AGO, date(2026, 11, 27)).month_usd == pytest.approx(
        14 + 4 * 2
    )
    assert forecast({**by_day, **november(d27=5.0)}, LONG_AGO, date(2026, 11, 27)).month_usd == pytest.approx(
        19 + 3 * 2
    )


def test_days_before_the_farms_first_call_are_no_measure() -> None:
    """A farm that is two days old costs what these two did."""
    found = forecast(november(d25=3.0, d26=5.0), date(2026, 11, 25), date(2026, 11, 27))
    assert (found.days, found.a_day_usd) == (2, 4.0)


def test_on_its_first_day_a_farm_has_only_that_to_go_by() -> None:
    """And the rule says so."""
    found = forecast(november(d27=2.0), date(2026, 11, 27), date(2026, 11, 27))
    assert found.days == 0
    assert found.month_usd == pytest.approx(2 + 3 * 2)
    assert "today" in found.rule


def test_the_month_before_is_looked_at_early_in_a_month() -> None:
    """For the mean, and not for what was spent this month."""
    today = date(2026, 11, 3)
    assert first_day_needed(today) == date(2026, 10, 27)
    found = forecast({date(2026, 10, 30): 7.0, date(2026, 11, 1): 7.0}, LONG_AGO, today)
    assert (found.so_far_usd, found.a_day_usd) == (7.0, 2.0)
