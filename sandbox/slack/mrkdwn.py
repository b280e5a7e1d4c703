"""Slack's mrkdwn as HTML: the basics that reports and approval requests use.

docs.slack.dev/messaging/formatting-message-text. Text comes with `&amp; &lt; &gt;` already escaped, and with links and
mentions in angle brackets.
"""

import html
import re
from collections.abc import Mapping

from markupsafe import Markup

_EMOJI = {
    "white_check_mark": "✅", "x": "❌", "warning": "⚠️", "hourglass": "⌛", "hourglass_flowing_sand": "⏳",
    "pencil2": "✏️", "email": "📧", "envelope": "✉️", "mag": "🔍", "bulb": "💡", "calendar": "📅", "moneybag": "💰",
    "robot_face": "🤖", "no_entry": "⛔", "clipboard": "📋", "memo": "📝", "rotating_light": "🚨", "bell": "🔔",
    "fire": "🔥", "tada": "🎉", "eyes": "👀", "speech_balloon": "💬", "link": "🔗", "seedling": "🌱", "tractor": "🚜",
    "large_green_circle": "🟢", "large_yellow_circle": "🟡", "red_circle": "🔴", "no_entry_sign": "🚫", "zzz": "💤",
}  # fmt: skip

_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=\S)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])(.+?)(?<=\S)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"(?<![\w~])~(?=[^\s~])(.+?)(?<=\S)~(?![\w~])"), r"<s>\1</s>"),
)
_FENCE = re.compile(r"```\n?(.*?)```", re.DOTALL)
_KEPT_WHOLE = re.compile(r"`([^`\n]+)`|<([^<>\n]+)>")
_QUOTE = re.compile(r"^(?:&gt; ?.*(?:\n|$))+", re.MULTILINE)
_HOLE = re.compile("\x00(\\d+)\x00")


def rendered(text: str, names: Mapping[str, str]) -> Markup:
    """`names` gives people's and channels' names by id, for mentions."""
    parts = _FENCE.split(text)
    out = [f"<pre>{_escaped(part)}</pre>" if number % 2 else _prose(part, names) for number, part in enumerate(parts)]
    return Markup("".join(out))  # noqa: S704 - every piece was escaped on its way


def plain(text: str) -> Markup:
    """A `plain_text` object: emoji and line breaks, no markup."""
    return Markup(_with_emoji(_escaped(text)).replace("\n", "<br>"))  # noqa: S704 - escaped just here


def _prose(text: str, names: Mapping[str, str]) -> str:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        code, reference = match.groups()
        kept.append(f"<code>{_escaped(code)}</code>" if code else _reference(reference, names))
        return f"\x00{len(kept) - 1}\x00"

    body = _with_emoji(_escaped(_KEPT_WHOLE.sub(keep, text)))
    for pattern, replacement in _STYLES:
        body = pattern.sub(replacement, body)
    body = _QUOTE.sub(_quote, body).replace("\n", "<br>")
    return _HOLE.sub(lambda match: kept[int(match[1])], body)


def _quote(match: re.Match[str]) -> str:
    lines = [line.removeprefix("&gt;").lstrip() for line in match[0].rstrip("\n").split("\n")]
    return f"<blockquote>{'<br>'.join(lines)}</blockquote>"


def _reference(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("@", "#")):
        name = label or names.get(target[1:], target[1:])
        return f'<span class="mention">{_escaped(target[0] + name)}</span>'
    if target.startswith("!"):
        return f'<span class="mention">{_escaped(label or "@" + target[1:])}</span>'
    if not target.startswith(("http://", "https://", "mailto:")):
        return _escaped(f"<{inside}>")
    return f'<a href="{_escaped(target)}" target="_blank" rel="noreferrer">{_escaped(label or target)}</a>'


def _escaped(text: str) -> str:
    return html.escape(html.unescape(text))


def _with_emoji(text: str) -> str:
    return re.sub(r":([a-z0-9_+-]+):", lambda match: _EMOJI.get(match[1], match[0]), text)
