"""Moments counted in people's working hours. Pure.

Here, as the calendar is: Temporal's workflow sandbox wraps `ZoneInfo` where it loads code itself.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

from contracts.people import Hours

DAY = timedelta(days=1)


def at_work(moment: datetime, hours: Collection[Hours]) -> datetime:
    """The first moment from this one on when one of them works. Nobody's hours: at any time."""
    return worked(moment, timedelta(0), hours)


def worked(since: datetime, span: timedelta, hours: Collection[Hours]) -> datetime:
    """The moment when, since another one, `span` has passed of the time in which at least one of them works."""
    left, passed = span, since
    for begin, end in merge(*(_intervals(each, since) for each in hours)):
        begin = max(begin, passed)  # noqa: PLW2901  what overlaps counts once
        if end <= begin:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
        passed = end
    return since + span


def _intervals(hours: Hours, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Somebody's working days without end, in UTC, from the one on in which `since` lies."""
    zone, utc = ZoneInfo(hours.time_zone), since.tzinfo
    day = (since.astimezone(zone) - DAY).date()
    while True:
        if day.weekday() in hours.days:
            # Through UTC: between two times of one zone Python counts as if no clock was ever changed.
            begin, end = (datetime.combine(day, at, zone).astimezone(utc) for at in (hours.begin, hours.end))
            if end > since:
                yield begin, end
        day += DAY


def local_day(moment: datetime, time_zone: str) -> date:
    """The day that it is at a moment, where the clocks show `time_zone`."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
