"""Whether the starter can do its job: `GET /healthz` and `/readyz`; `GET /livez` says only that it runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from starter.draining import Draining
from starter.intake.room import Room
from starter.metrics import age_s
from store.inbox import Waiting

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that each part may take to answer."""


class Condition(BaseModel):
    """How it stands. `parts` and `inbox` are left out where nobody was asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["ok", "spooling", "unrecorded", "not ready", "draining"]
    parts: dict[str, Literal["ok", "away", "not migrated"]] = {}
    inbox: dict[str, int] = {}
    """`waiting`: events in the spool; `oldest_s`: the age of the oldest."""


class Health:
    """Asks Temporal and the store, both at once.

    `status`: `ok`; `spooling` (Temporal is away, or events wait for it on disk); `unrecorded` (the store is away, or
    its schema isn't ours yet: events go to Temporal, and nobody writes them down); `not ready` (nothing can be
    accepted); `draining`.
    """

    def __init__(
        self,
        temporal: Callable[[], Awaitable[object]],
        spool: Callable[[], Awaitable[Waiting]],
        room: Room,
        draining: Draining,
        is_migrated: Callable[[], bool] = lambda: True,
    ) -> None:
        self._temporal = temporal
        self._spool = spool
        self._room = room
        self._draining = draining
        self._is_migrated = is_migrated

    async def health(self, _: Request) -> Response:
        """200 where an event would be accepted, else 503; the parts by name, and what waits in the spool."""
        temporal, spool = await asyncio.gather(_answer("temporal", self._temporal()), _answer("store", self._spool()))
        is_migrated = self._is_migrated()
        waiting = spool if isinstance(spool, Waiting) and is_migrated else None
        status = self._status(temporal is not None, waiting)
        inbox = {"waiting": waiting.rows, "oldest_s": round(age_s(waiting))} if waiting else {}
        parts = {"temporal": _word(temporal), "store": _word(spool) if is_migrated else "not migrated"}
        return JSONResponse({"status": status, "parts": parts, "inbox": inbox}, 503 if status == "not ready" else 200)

    async def ready(self, request: Request) -> Response:
        """As `/healthz`; from the moment that this process is told to stop 503, at once."""
        return JSONResponse({"status": "draining"}, 503) if self._draining.begun else await self.health(request)

    async def live(self, _: Request) -> Response:
        """200 as long as the process answers at all."""
        return JSONResponse({"status": "ok"})

    def _status(self, temporal: bool, waiting: Waiting | None) -> str:
        if waiting is None:
            return "unrecorded" if temporal else "not ready"
        if not temporal and self._room.full(waiting.rows):
            return "not ready"
        return "ok" if temporal and not waiting.rows else "spooling"


async def _answer(name: str, asked: Awaitable[object]) -> object | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await asked or True
    except Exception as error:  # noqa: BLE001  whatever ails a part, it is away
        log.warning("%s is away: %s: %s", name, type(error).__name__, error)
        return None


def _word(answer: object | None) -> str:
    return "away" if answer is None else "ok"
