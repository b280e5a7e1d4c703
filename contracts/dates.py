"""Calendar dates as moments. Here because Temporal's workflow sandbox wraps `ZoneInfo` where it loads code itself."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING = time(9)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def moment_of(day: date, clock: time, time_zone: str) -> datetime:
    """When the clocks of a zone (an IANA name) show that time on that day, in UTC.

    A time that the clocks leave out that day is as much later as they jump: 02:30 becomes 03:30. Of a time that they
    show twice it is the first. OverflowError for a day at either end of the calendar.
    """
    return datetime.combine(day, clock.replace(fold=0), ZoneInfo(time_zone)).astimezone(UTC)


def local(moment: datetime, time_zone: str) -> datetime:
    """The same moment as the clocks of a zone show it."""
    return moment.astimezone(ZoneInfo(time_zone))


def next_weekday(weekday: str, today: date) -> date:
    """The first day of that name after today: on a Tuesday, next Tuesday is in a week."""
    ahead = (WEEKDAYS.index(weekday) - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that IANA name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def in_words(moment: datetime, time_zone: str) -> str:
    """`Tuesday 2026-12-01 09:00 Europe/Paris`: in English whatever the machine speaks."""
    there = local(moment, time_zone)
    return f"{WEEKDAYS[there.weekday()].title()} {there:%Y-%m-%d %H:%M} {time_zone}"
