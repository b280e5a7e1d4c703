"""conversations.history and conversations.replies: what was said, newest page first."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from sandbox.slack.chat import known_channel
from sandbox.slack.envelope import Refusal, flag, required
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 999


def history(workspace: Workspace, given: Json) -> Json:
    """Newest first, without what stands in threads alone."""
    channel = known_channel(workspace, given)
    return _page(list(reversed(workspace.roots(channel.id))), given) | {"pin_count": 0}


def replies(workspace: Workspace, given: Json) -> Json:
    """The parent, then its replies, oldest first."""
    channel, ts = known_channel(workspace, given), required(given, "ts")
    parent = next((root for root in workspace.roots(channel.id) if root["ts"] == ts), None)
    if parent is None:
        raise Refusal("thread_not_found")
    return _page([parent, *workspace.replies(channel.id, ts)], given)


def _page(messages: list[Json], given: Json) -> Json:
    within = [message for message in messages if _in_range(message["ts"], given)]
    start, size = _start(given.get("cursor")), _size(given.get("limit"))
    end = start + size
    has_more = end < len(within)
    shown = [_as_asked(message, flag(given, "include_all_metadata")) for message in within[start:end]]
    return {
        "messages": shown,
        "has_more": has_more,
        "response_metadata": {"next_cursor": _cursor(end) if has_more else ""},
    }


def _in_range(ts: str, given: Json) -> bool:
    oldest, latest = given.get("oldest"), given.get("latest")
    moment = float(ts)
    if flag(given, "inclusive"):
        return not (oldest and moment < float(oldest)) and not (latest and moment > float(latest))
    return not (oldest and moment <= float(oldest)) and not (latest and moment >= float(latest))


def _as_asked(message: Json, with_metadata: bool) -> Json:
    """Without `include_all_metadata` Slack shows the event type alone."""
    if with_metadata or "metadata" not in message:
        return message
    return message | {"metadata": {"event_type": message["metadata"]["event_type"]}}


def _size(limit: Any) -> int:
    try:
        size = int(limit or _DEFAULT_PAGE)
    except ValueError:
        raise Refusal("invalid_limit") from None
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal("invalid_limit")
    return size


def _cursor(offset: int) -> str:
    return urlsafe_b64encode(f"next:{offset}".encode()).decode()


def _start(cursor: Any) -> int:
    if not cursor:
        return 0
    try:
        return int(urlsafe_b64decode(str(cursor)).decode().removeprefix("next:"))
    except ValueError:
        raise Refusal("invalid_cursor") from None
