"""The mark that the farm leaves in what it writes, where there is text to leave it in."""

import re
from hashlib import sha256

PATTERN = re.compile(r"\[farmstead [0-9a-f]{16}\]")


def mark(key: str) -> str:
    """The mark of an effect key: `[farmstead 9f86d081884c7d65]`."""
    return f"[farmstead {sha256(key.encode()).hexdigest()[:16]}]"


def last_mark(text: str) -> str:
    """The mark that a text ends with, or has last: ours stands at the end. "" where there is none."""
    found = PATTERN.findall(text)
    return found[-1] if found else ""
