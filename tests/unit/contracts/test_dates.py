"""Days and times of a zone as moments, across clocks that change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from contracts import dates

PARIS = "Europe/Paris"
TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        (date(2026, 1, 15), "09:00", "2026-01-15T08:00Z"),
        (date(2026, 7, 15), "09:00", "2026-07-15T07:00Z"),
        # The clocks go forward: 02:00 to 03:00 is left out.
        (date(2026, 3, 28), "09:00", "2026-03-28T08:00Z"),
        (date(2026, 3, 29), "09:00", "2026-03-29T07:00Z"),
        (date(2026, 3, 29), "01:59", "2026-03-29T00:59Z"),
        (date(2026, 3, 29), "02:30", "2026-03-29T01:30Z"),
        (date(2026, 3, 29), "03:00", "2026-03-29T01:00Z"),
        # The clocks go back: 02:00 to 03:00 comes twice.
        (date(2026, 10, 25), "01:59", "2026-10-24T23:59Z"),
        (date(2026, 10, 25), "02:30", "2026-10-25T00:30Z"),
        (date(2026, 10, 25), "03:00", "2026-10-25T02:00Z"),
        (date(2026, 10, 26), "09:00", "2026-10-26T08:00Z"),
    ],
)
def test_a_time_is_as_the_clocks_there_show_it(day, clock, moment):
    """A time left out is as much later, a time that comes twice is the first."""
    assert dates.moment_of(day, time.fromisoformat(clock), PARIS) == datetime.fromisoformat(moment)


def test_a_moment_is_in_utc():
    """So that a span between two moments is time that passes, and not what the clocks show."""
    before, after = (dates.moment_of(date(2026, 3, day), dates.MORNING, PARIS) for day in (28, 29))
    assert before.tzinfo is UTC
    assert after - before == timedelta(hours=23)


@pytest.mark.parametrize(
    ("weekday", "day"),
    [
        ("wednesday", date(2026, 11, 25)),
        ("monday", date(2026, 11, 30)),
        ("tuesday", date(2026, 12, 1)),
    ],
)
def test_a_weekday_is_the_next_after_today(weekday, day):
    """On a Tuesday, next Tuesday is in a week."""
    assert dates.next_weekday(weekday, TUESDAY) == day


@pytest.mark.parametrize(
    ("name", "is_one"),
    [(PARIS, True), ("UTC", True), ("Paris", False), ("", False), ("../etc/passwd", False), ("Europe", False)],
)
def test_a_zone_is_an_iana_name(name, is_one):
    """Whatever a model makes up is no error of the program."""
    assert dates.is_zone(name) is is_one


def test_words_give_the_weekday_and_the_zone():
    """In English and by that clock."""
    assert dates.in_words(datetime(2026, 12, 1, 8, tzinfo=UTC), PARIS) == "Tuesday 2026-12-01 09:00 Europe/Paris"
