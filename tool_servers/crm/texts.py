"""Text and HTML, and the mark that the agent leaves in what it writes.

Pipedrive keeps notes and activity notes as sanitised HTML, so a hidden comment may not survive: the mark is plain,
short text at the end. By it a write that was cut short is found again, and everyone sees who wrote.
"""

import html
import re

from contracts.marks import PATTERN, mark

_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")
_MARK = re.compile(rf"\s*{PATTERN.pattern}")


def to_html(text: str, key: str) -> str:
    """Plain text as HTML, with the mark of `key` where there is one."""
    lines = html.escape(text.strip(), quote=False).split("\n")
    return "<br>".join([*lines, *([mark(key)] if key else [])])


def to_text(markup: str | None) -> str:
    """HTML as a reader sees it, without the mark."""
    broken = _BREAKS.sub("\n", markup or "")
    return _MARK.sub("", html.unescape(_TAGS.sub("", broken))).strip()
