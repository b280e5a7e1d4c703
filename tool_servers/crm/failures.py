"""What Pipedrive answers when it doesn't do as asked, in the three kinds a caller must tell apart."""

from http import HTTPStatus

import httpx
from fastmcp.exceptions import ToolError

from tool_servers.ledger import NothingDone

# What other arguments would mend. All other refusals (token, permission, plan) are for a person to mend.
_ARGUMENTS = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}


def bad_arguments(text: str) -> NothingDone:
    return NothingDone(f"bad arguments: {text}")


def refused(answer: httpx.Response) -> ToolError:
    """The error for an answer that is no 2xx: `passing: `, `bad arguments: ` or `permanent: `."""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return NothingDone(f"passing: {_limit(answer)}{_pause(answer)}")
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code == HTTPStatus.REQUEST_TIMEOUT:
        return ToolError(f"passing: Pipedrive answered {answer.status_code}{_pause(answer)}")
    kind = "bad arguments" if answer.status_code in _ARGUMENTS else "permanent"
    return NothingDone(f"{kind}: Pipedrive refused ({answer.status_code}): {_reason(answer)}")


def unheard(error: httpx.HTTPError) -> ToolError:
    """The error for no answer at all. Only where no connection was made is it certain that nothing happened."""
    kind = NothingDone if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else ToolError
    return kind(f"passing: Pipedrive can't be reached ({type(error).__name__})")


def _limit(answer: httpx.Response) -> str:
    # Sent by the live API, not documented; 0 means no call will pass before the budget's midnight.
    if answer.headers.get("x-daily-ratelimit-token-remaining") == "0":
        return "Pipedrive's daily token budget is used up"
    return "Pipedrive's rate limit"


def _pause(answer: httpx.Response) -> str:
    seconds = answer.headers.get("retry-after") or (
        answer.headers.get("x-ratelimit-reset") if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS else None
    )
    return f", retry-after={seconds}" if seconds else ""


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("error") or "no reason given")
    except (ValueError, AttributeError):
        return "no reason given"
