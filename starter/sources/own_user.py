"""Who the farm is to the CRM, so that it can tell its own writes from people's."""

import asyncio
import logging

import httpx

from starter.sources.pipedrive import user

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds to wait for the CRM's answer."""

PAUSE = 5.0
"""Seconds after a failure until it is asked again: events wait for the answer."""


class OwnUserUnknownError(Exception):
    """The CRM has not yet said who we are: an event could be our own echo."""


class OwnUser:
    """The CRM user whose token we hold, asked once (`GET /v1/users/me`) and kept.

    Without a token there is no such user and nothing is asked.
    """

    def __init__(self, crm: httpx.AsyncClient, token: str, pause: float = PAUSE) -> None:
        self._crm = crm
        self._token = token
        self._pause = pause
        self._question: asyncio.Task[str] | None = None
        self._failed_at = 0.0

    async def actors(self) -> frozenset[str]:
        """Our names as an event's actor. Raises OwnUserUnknownError while the CRM doesn't tell."""
        if not self._token:
            return frozenset()
        # One question at a time for all who wait, and a new one some time after a failure.
        if self._question is None or self._is_worth_asking_again(self._question):
            self._question = asyncio.create_task(self._ask())
        return frozenset({await asyncio.shield(self._question)})

    def _is_worth_asking_again(self, question: asyncio.Task[str]) -> bool:
        failed = question.done() and question.exception() is not None
        return failed and asyncio.get_running_loop().time() - self._failed_at >= self._pause

    async def _ask(self) -> str:
        try:
            answer = await self._crm.get("/v1/users/me", headers={"x-api-token": self._token}, timeout=PATIENCE)
            answer.raise_for_status()
            own = user(answer.json()["data"]["id"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            self._failed_at = asyncio.get_running_loop().time()
            raise OwnUserUnknownError(
                f"GET {self._crm.base_url}v1/users/me: {type(error).__name__}: {error}"
            ) from error
        log.info("the CRM knows us as %s", own)
        return own
