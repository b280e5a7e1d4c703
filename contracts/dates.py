"""Calendar dates as moments. Here because Temporal's workflow sandbox wraps `ZoneInfo` where it loads code itself."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

MORNING = time(9)


def morning_of(day: date, time_zone: str) -> datetime:
    """Nine o'clock on a day, where the clocks show `time_zone` (an IANA name)."""
    return datetime.combine(day, MORNING, ZoneInfo(time_zone))
