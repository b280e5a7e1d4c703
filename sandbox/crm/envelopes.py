"""The vendor's JSON around every answer.

Sources: pipedrive.readme.io/docs/core-api-concepts-responses and -pagination.
"""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.crm.records import Record
from sandbox.crm.refusals import Invalid, Refused

ERROR_INFO = "Please check developers.pipedrive.com for more information about Pipedrive API."
PAGE = 100
MAX_PAGE = 500


def success(data: Any, status: int = 200, **additional: Any) -> JSONResponse:
    body: dict[str, Any] = {"success": True, "data": data}
    if additional:
        body["additional_data"] = additional
    return JSONResponse(body, status)


def failure(refused: Refused) -> JSONResponse:
    body: dict[str, Any] = {"success": False, "error": refused.error, "error_info": ERROR_INFO}
    body |= {"code": refused.code} if refused.code else {"errorCode": refused.status}
    return JSONResponse({**body, "data": None, "additional_data": None}, refused.status)


def page_v1(request: Request, items: Sequence[Record]) -> JSONResponse:
    """One page by `start` and `limit`; `next_start` is there only where more follows."""
    start, limit = number(request, "start", 0), _limit(request)
    more = len(items) > start + limit
    pagination = {"start": start, "limit": limit, "more_items_in_collection": more}
    if more:
        pagination["next_start"] = start + limit
    return success(list(items[start : start + limit]) or None, pagination=pagination)


def page_v2(request: Request, items: Sequence[Record], show: Callable[[Record], Record]) -> JSONResponse:
    """One page, each item as `show` makes it."""
    page, following = slice_v2(request, items)
    return success([show(item) for item in page], next_cursor=following)


def slice_v2(request: Request, items: Sequence[Record]) -> tuple[Sequence[Record], str | None]:
    """The items from the one that `cursor` names, and the cursor of the next page (None: the last one)."""
    limit = _limit(request)
    start = _position(request.query_params.get("cursor"), items)
    end = start + limit
    return items[start:end], _cursor(items[end]) if end < len(items) else None


def number(request: Request, name: str, default: int | None = None) -> Any:
    """A query parameter as a whole number; `Invalid` where it is none."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise Invalid(f"Validation failed: {name}: Expected number, received {text!r}") from None


def _limit(request: Request) -> int:
    limit = number(request, "limit", PAGE)
    if not 1 <= limit <= MAX_PAGE:
        raise Invalid(f"Validation failed: limit: must be between 1 and {MAX_PAGE}, not {limit}")
    return int(limit)


def _cursor(first: Record) -> str:
    return base64.urlsafe_b64encode(json.dumps({"first": first["id"]}).encode()).decode().rstrip("=")


def _position(cursor: str | None, items: Sequence[Record]) -> int:
    if not cursor:
        return 0
    try:
        first = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))["first"]
        return next(place for place, item in enumerate(items) if item["id"] == first)
    except (ValueError, KeyError, TypeError, StopIteration):
        raise Invalid(f"Validation failed: cursor: {cursor!r} is no cursor of this list") from None
