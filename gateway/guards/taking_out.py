"""Taking secrets out of what is said: a word in the place of each, and a count of them by kind.

The word depends on the text alone. So what is sent again is sent the same, and stays in its vendor's cache.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from gateway.guards.secrets import Found, secrets

REMEMBERED = 256
"""Texts of which it is known what is in them: a conversation is sent again with each turn."""

_secrets = lru_cache(REMEMBERED)(secrets)


def without_secrets(text: str, counted: Counter[str]) -> str:
    """The text with `[card removed]` and the like in it. `counted` grows."""
    found = _secrets(text)
    counted.update(each.kind for each in found)
    return replaced(text, [(each, f"[{each.kind} removed]") for each in found]) if found else text


def replaced(text: str, by: list[tuple[Found, str]]) -> str:
    """`by`: in order, and none within another."""
    parts, at = [], 0
    for found, word in by:
        parts += [text[at : found.start], word]
        at = found.end
    return "".join([*parts, text[at:]])


def told(counts: Mapping[str, int]) -> str:
    """`card:1,token:2`: for a header, a span, a log."""
    return ",".join(f"{kind}:{count}" for kind, count in sorted(counts.items()))
