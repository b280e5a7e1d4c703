"""What Slack answers when it doesn't do as asked, in the three kinds a caller must tell apart."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from fastmcp.exceptions import ToolError
from slack_sdk.errors import SlackApiError

# docs.slack.dev/reference/methods/chat.postMessage#errors and those of chat.update, users.info
PASSING = {
    "fatal_error", "internal_error", "message_limit_exceeded", "ratelimited", "rate_limited", "request_timeout",
    "service_unavailable",
}  # fmt: skip

# What other arguments would mend. All else (token, scopes, membership) is for a person to mend.
ARGUMENTS = {
    "cannot_reply_to_message", "cant_update_message", "channel_not_found", "edit_window_closed", "invalid_arguments",
    "invalid_blocks", "invalid_blocks_format", "message_not_found", "msg_blocks_too_long", "msg_too_long", "no_text",
    "thread_not_found", "user_not_found",
}  # fmt: skip


@contextmanager
def told_apart() -> Iterator[None]:
    """Turn a failed call into a ToolError that starts with `passing: `, `bad arguments: ` or `permanent: `."""
    try:
        yield
    except SlackApiError as error:
        raise ToolError(_worded(error)) from error
    except TimeoutError as error:
        raise ToolError("passing: Slack did not answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise ToolError(f"passing: Slack can't be reached ({type(error).__name__})") from error


def _worded(error: SlackApiError) -> str:
    answer = error.response
    # A broken body comes with aiohttp's own response, which spells it differently.
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    data = getattr(answer, "data", None)
    body = data if isinstance(data, dict) else {}
    code = str(body.get("error", ""))
    what = f"Slack refused: {code}" if code else f"Slack answered {status} without a reason"
    details = "; ".join(str(message) for message in (body.get("response_metadata") or {}).get("messages", []))
    return f"{_kind(status, code)}: {what}{f' ({details})' if details else ''}{_pause(answer.headers)}"


def _kind(status: int, code: str) -> str:
    if status == 429 or status >= 500 or code in PASSING or not code:  # noqa: PLR2004 - HTTP's own numbers
        return "passing"
    return "bad arguments" if code in ARGUMENTS else "permanent"


def _pause(headers: dict[str, str]) -> str:
    seconds = headers.get("Retry-After")
    return f", retry-after={seconds}" if seconds else ""
