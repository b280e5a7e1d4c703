"""Does a text give orders to a model? A heuristic: it knows the usual forms, and no text is the safer for passing it.

Pure. The table is `injections.toml`, beside this.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

LONGEST = 200_000
"""Characters that are looked at: more than a model is shown of one result."""

QUOTED = 60


@dataclass(frozen=True)
class Sign:
    """What was found, and by which words."""

    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name} ({self.words!r})"


def _table() -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    told = tomllib.loads(Path(__file__).with_name("injections.toml").read_text())
    return tuple(
        (each["name"], tuple(re.compile(pattern, re.IGNORECASE) for pattern in each["patterns"]))
        for each in told["sign"]
    )


_SIGNS = _table()
_HIDDEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_AS_SENT = "hidden text"


def signs(text: str) -> tuple[Sign, ...]:
    """Of each kind the first, in the table's order."""
    sent = text[:LONGEST]
    plain = _plain(sent)
    found = []
    for name, patterns in _SIGNS:
        where = sent if name == _AS_SENT else plain
        match = next(filter(None, (pattern.search(where) for pattern in patterns)), None)
        if match:
            found.append(Sign(name, " ".join(match[0].split())[:QUOTED]))
    return tuple(found)


def _plain(text: str) -> str:
    """As it reads: compatible letters for their look-alikes, nothing without width, one space for many."""
    return _SPACES.sub(" ", _HIDDEN.sub("", unicodedata.normalize("NFKC", text)))
