"""Moments in people's working hours: evenings, weekends, clock changes, and people far apart."""

from datetime import UTC, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from contracts.people import Hours, Person
from contracts.working_hours import at_work, worked

PARIS = Hours()
NEW_YORK = Hours(time_zone="America/New_York")


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


FRIDAY_FIVE = utc(27, 16)
"""17:00 in Paris, an hour before the weekend."""


@pytest.mark.parametrize(
    ("span", "end"),
    [
        (timedelta(0), FRIDAY_FIVE),
        (timedelta(hours=1), utc(27, 17)),
        (timedelta(hours=2), utc(30, 9)),
        (timedelta(hours=9), utc(30, 16)),
        (timedelta(hours=10, minutes=30), utc(1, 8, 30, month=12)),
    ],
)
def test_working_time_stands_still_outside_working_hours(span, end):
    assert worked(FRIDAY_FIVE, span, [PARIS]) == end


def test_the_end_of_the_day_is_not_at_work_any_more():
    """Told at six on Friday would be told at the weekend."""
    assert at_work(utc(27, 16, 59), [PARIS]) == utc(27, 16, 59)
    assert at_work(utc(27, 17), [PARIS]) == utc(30, 8)


def test_of_several_people_one_at_work_is_enough():
    """Seven hours from Friday noon in New York on: hers, while his week is over. What both work counts once."""
    assert worked(FRIDAY_FIVE, timedelta(hours=7), [PARIS, NEW_YORK]) == utc(27, 23)
    assert worked(utc(27, 13), timedelta(hours=5), [PARIS, NEW_YORK]) == utc(27, 18)


def test_without_hours_time_is_time():
    assert worked(FRIDAY_FIVE, timedelta(hours=5), []) == utc(27, 21)
    assert at_work(utc(28, 3), []) == utc(28, 3)


def test_nine_o_clock_is_nine_o_clock_across_a_clock_change():
    """The clocks go back on 25 October 2026: Friday's nine is 07:00 UTC, Monday's 08:00."""
    assert at_work(utc(22, 22, month=10), [PARIS]) == utc(23, 7, month=10)
    assert at_work(utc(24, 12, month=10), [PARIS]) == utc(26, 8, month=10)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"time_zone": "Europe/Lyon"}, "'Europe/Lyon' is no time zone"),
        ({"begin": time(22), "end": time(6)}, "working hours end"),
        ({"days": ()}, "at least 1 item"),
        ({"days": (7,)}, "less than or equal to 6"),
    ],
)
def test_hours_that_nobody_could_work_are_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        Hours(**wrong)


def test_a_person_has_many_names():
    claire = Person(id="U0CLAIRE", also=("claire@chaleo.example",))
    assert claire.is_called("u0claire")
    assert claire.is_called("Claire@Chaleo.example")
    assert not claire.is_called("Claire")
