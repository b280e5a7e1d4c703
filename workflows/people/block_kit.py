"""Block Kit's pieces, as far as messages of ours are made of them, within Slack's limits. Pure.

Format: https://docs.slack.dev/reference/block-kit (a section's text holds at most 3000 characters, a header's 150,
a context's 10 elements, a message 50 blocks).
"""

import re
from collections.abc import Iterable

from pydantic import JsonValue

SECTION_LIMIT = 2900
MOST_BLOCKS = 50
LONGEST_LABEL = 75
LONGEST_VALUE = 2000
LONGEST_URL = 1000

Block = JsonValue

# docs.slack.dev/reference/objects/user-object. The digit tells it from a word in capitals.
_USER_ID = re.compile(r"[UW](?=[A-Z0-9]*\d)[A-Z0-9]{4,}")
_URL = re.compile(r"https?://[^\s<>|]+")


def escape(text: str) -> str:
    """Text as mrkdwn shows it literally: without this, `<!channel>` in a client's mail would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def person(name: str) -> str:
    """A person as Slack shows them: by their name there, where the id is Slack's."""
    return f"<@{name}>" if _USER_ID.fullmatch(name) else escape(name)


def link(text: str, url: str) -> str:
    """The text, as a link where the address is one that Slack takes."""
    shown = escape(text)
    if not url or len(url) > LONGEST_URL or not _URL.fullmatch(url):
        return shown
    return f"<{escape(url)}|{shown}>"


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text[:150]}}


def sections(markup: str) -> list[Block]:
    """As many sections as the text needs."""
    return [_section(piece or " ") for piece in _pieces(markup)]


def listing(title: str, lines: Iterable[str], rest: str) -> list[Block]:
    """One section of lines, as many as it holds; `rest` says where the others are. Nothing where there are none."""
    every = list(lines)
    shown: list[str] = []
    for line in every:
        if len(title) + len(rest) + 30 + sum(len(each) + 3 for each in (*shown, line)) > SECTION_LIMIT:
            break
        shown.append(f"• {line}")
    left = [f"• and {len(every) - len(shown)} more: {rest}"] if len(shown) < len(every) else []
    return [_section("\n".join([title, *shown, *left]))] if every else []


def context(*texts: str) -> Block:
    """Small print: each text an element of its own and cut where it is too long, empty ones left out."""
    shown = [_pieces(text)[0] for text in texts if text]
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text} for text in shown]}


def button(label: str, action: str, value: str, style: str = "") -> Block:
    label = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 3]}..."
    made: dict[str, JsonValue] = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action,
        "value": value,
    }
    return {**made, "style": style} if style else made


def _pieces(markup: str) -> list[str]:
    """None longer than Slack takes, and none ending within an escaped character."""
    pieces = [""]
    for shown in re.findall(r"&\w+;|.", markup, re.DOTALL):
        if len(pieces[-1]) + len(shown) > SECTION_LIMIT:
            pieces.append("")
        pieces[-1] += shown
    return pieces


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
