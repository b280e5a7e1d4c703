"""Dates: read from a request, counted from the day it names, never from the clock."""

import re
from datetime import date, timedelta

SATURDAY = 5
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier january", "février fevrier february", "mars march", "avril april", "mai may", "juin june",
            "juillet july", "août aout august", "septembre september", "octobre october", "novembre november",
            "décembre decembre december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(MONTHS)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b(?:\s+(\d{{4}}))?", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lundi monday", "mardi tuesday", "mercredi wednesday", "jeudi thursday", "vendredi friday",
            "samedi saturday", "dimanche sunday",
        )
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAY = re.compile(rf"\b(avant|before)?\s*\b({'|'.join(WEEKDAYS)})\b", re.IGNORECASE)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_TODAY = re.compile(r"Today is (\d{4}-\d{2}-\d{2})")


def today_in(text: str, default: date = date(2026, 1, 5)) -> date:
    """The day that the request calls today. Without one: the latest date it names, else `default`."""
    named = _TODAY.search(text)
    if named:
        return date.fromisoformat(named[1])
    known = [day for match in _ISO.finditer(text) if (day := _valid(*map(int, match.groups())))]
    return max(known, default=default)


def working_days_after(day: date, count: int) -> date:
    """`count` working days later."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def date_in(text: str, today: date) -> date | None:
    """The first date in a text, French or English. Without a year it is the next such day."""
    if match := _ISO.search(text):
        return _valid(*map(int, match.groups()))
    if match := _SLASHED.search(text):
        day, month, year = map(int, match.groups())
        return _valid(year, month, day)
    if match := _DAY_MONTH.search(text):
        return _next(int(match[1]), MONTHS[match[2].lower()], match[3], today)
    if match := _MONTH_DAY.search(text):
        return _next(int(match[2]), MONTHS[match[1].lower()], match[3], today)
    return None


def deadline_in(text: str, today: date) -> date | None:
    """The next such weekday, where one is named; the working day ahead of it after "avant" or "before"."""
    named = _WEEKDAY.search(text)
    if not named:
        return None
    ahead = (WEEKDAYS[named[2].lower()] - today.weekday() - 1) % 7 + 1
    day = today + timedelta(days=ahead)
    while named[1] and day > today:
        day -= timedelta(days=1)
        if day.weekday() < SATURDAY:
            break
    return day


def _next(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _valid(int(year), month, day)
    this_year = _valid(today.year, month, day)
    if this_year and this_year < today:
        return _valid(today.year + 1, month, day)
    return this_year


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
