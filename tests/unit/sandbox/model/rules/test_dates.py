"""Dates in words, counted from the request's own day."""

from datetime import date

import pytest

from sandbox.model.rules.dates import date_in, deadline_in, today_in, working_days_after

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("le 15 décembre", date(2026, 12, 15)),
        ("le 1er mars", date(2027, 3, 1)),
        ("by December 3rd, 2027", date(2027, 12, 3)),
        ("on 3rd of January", date(2027, 1, 3)),
        ("le 05/02/2027", date(2027, 2, 5)),
        ("2026-12-24", date(2026, 12, 24)),
        ("le 31 février", None),
        ("bientôt", None),
    ],
)
def test_dates_are_read_in_both_languages(text, day):
    """A date is understood in French, in English and in figures; without a year it is the next one."""
    assert date_in(text, MONDAY) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("avant jeudi", date(2026, 11, 25)),
        ("on Thursday", date(2026, 11, 26)),
        ("before Monday", date(2026, 11, 27)),
        ("lundi", date(2026, 11, 30)),
        ("un jour", None),
    ],
)
def test_a_weekday_is_the_next_one(text, day):
    """A weekday is the next such day; before it is the working day ahead."""
    assert deadline_in(text, MONDAY) == day


def test_working_days_leave_out_the_weekend():
    """Two working days after a Friday is a Tuesday."""
    assert working_days_after(date(2026, 11, 27), 2) == date(2026, 12, 1)


def test_today_is_what_the_request_says():
    """The request's own today counts, and without it the latest date it names."""
    assert today_in("Today is 2026-11-23. Due 2026-12-01") == MONDAY
    assert today_in("from 2026-01-01 to 2026-02-01") == date(2026, 2, 1)
