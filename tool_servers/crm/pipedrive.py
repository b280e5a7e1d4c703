"""Pipedrive's REST API over httpx: one call, and lists page by page.

v2 wherever the vendor has it (deals, persons, organizations, activities, stages, fields), v1 for notes, mail and
users. The client never retries: Temporal does.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
from fastmcp.exceptions import ToolError

from tool_servers.crm.failures import refused, unheard

Json = dict[str, Any]

TIMEOUT_SECONDS = 15.0
PAGE = 100
VENDOR = ".pipedrive.com"


def connect(url: str, token: str) -> httpx.AsyncClient:
    """A client for the API at `url`. Opens no connection yet."""
    return httpx.AsyncClient(base_url=url, headers={"x-api-token": token}, timeout=TIMEOUT_SECONDS)


class Pipedrive:
    """Every method raises ToolError, worded by `failures`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._web = ""

    async def web_address(self, path: str) -> str | None:
        """Where a person looks at something: below the company's own address, which the vendor's API names. Another
        server than the vendor's (the sandbox) has its pages itself. None while the CRM doesn't tell.
        """
        if not self._web:
            self._web = await self._company() if self._http.base_url.host.endswith(VENDOR) else str(self._http.base_url)
        return f"{self._web.rstrip('/')}{path}" if self._web else None

    async def _company(self) -> str:
        with suppress(ToolError):
            if domain := (await self.get("/v1/users/me")).get("company_domain"):
                return f"https://{domain}{VENDOR}"
        return ""

    async def get(self, path: str, **query: Any) -> Any:
        """The `data` of an answer."""
        return (await self._call("GET", path, params=query))["data"]

    async def post(self, path: str, body: Json) -> Any:
        return (await self._call("POST", path, json=body))["data"]

    async def patch(self, path: str, body: Json) -> Any:
        return (await self._call("PATCH", path, json=body))["data"]

    async def each_v2(self, path: str, **query: Any) -> AsyncIterator[Json]:
        """Every item of a v2 list, page after page by cursor."""
        cursor: str | None = ""
        while cursor is not None:
            answer = await self._call("GET", path, params={"limit": PAGE, **query, **_given(cursor=cursor)})
            for item in answer["data"] or ():
                yield item
            cursor = (answer.get("additional_data") or {}).get("next_cursor") or None

    async def each_v1(self, path: str, **query: Any) -> AsyncIterator[Json]:
        """Every item of a v1 list, page after page by offset."""
        start: int | None = 0
        while start is not None:
            answer = await self._call("GET", path, params={"limit": PAGE, **query, "start": start})
            for item in answer["data"] or ():
                yield item
            page = (answer.get("additional_data") or {}).get("pagination") or {}
            start = page.get("next_start") if page.get("more_items_in_collection") else None

    async def _call(self, method: str, path: str, **options: Any) -> Json:
        try:
            answer = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise unheard(error) from error
        if not answer.is_success:
            raise refused(answer)
        try:
            return dict(answer.json())
        except ValueError as error:
            raise ToolError(f"passing: Pipedrive's answer to {method} {path} is no JSON") from error


def _given(**query: Any) -> Json:
    return {name: value for name, value in query.items() if value}
