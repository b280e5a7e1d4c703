"""What the month will come to. Pure."""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

from contracts.frozen import Frozen

LOOK_BACK = 7


class Forecast(Frozen):
    """US dollars. `days`: the whole days whose mean stands for those to come; 0 where there was none yet."""

    month: str
    so_far_usd: float
    a_day_usd: float
    days: int
    month_usd: float
    rule: str


def first_day_needed(today: date) -> date:
    return min(today.replace(day=1), today - timedelta(days=LOOK_BACK))


def forecast(by_day: Mapping[date, float], begun: date, today: date) -> Forecast:
    """`by_day`: what each day cost, from `first_day_needed` on; a day that isn't in it cost nothing.

    The days before the farm's first call (`begun`) are no measure of it, and neither is today, which isn't over.
    """
    whole = [today - timedelta(days=back) for back in range(1, LOOK_BACK + 1)]
    measured = [day for day in whole if day >= begun]
    so_far = sum(cost for day, cost in by_day.items() if (day.year, day.month) == (today.year, today.month))
    spent_today = by_day.get(today, 0.0)
    # Where no day is over yet, today's is all that there is to go by.
    a_day = sum(by_day.get(day, 0.0) for day in measured) / len(measured) if measured else spent_today
    left = calendar.monthrange(today.year, today.month)[1] - today.day
    return Forecast(
        month=f"{today:%Y-%m}",
        so_far_usd=so_far,
        a_day_usd=a_day,
        days=len(measured),
        month_usd=so_far + max(0.0, a_day - spent_today) + left * a_day,
        rule=_rule(len(measured)),
    )


def _rule(days: int) -> str:
    if not days:
        return "no day is over yet: every day that is left costs what today did so far"
    over = "the last day" if days == 1 else f"the last {days} days"
    return f"what is spent so far, and for every day that is left the mean of {over} that are over"
