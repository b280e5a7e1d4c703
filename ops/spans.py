"""A span of time as a person writes it: 90d, 12h."""

import re
from datetime import timedelta

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span(text: str) -> timedelta:
    """ValueError, whose text is for a person, where it is none."""
    found = re.fullmatch(r"(\d+)\s*([mhdw])", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no span of time: write 90d, 12h, 30m or 2w")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
