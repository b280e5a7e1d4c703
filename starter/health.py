"""Whether the starter can do its job: `GET /healthz` and `/readyz`; `GET /livez` says only that it runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that each part may take to answer."""

Check = Callable[[], Awaitable[object]]


class Health:
    """Asks each part that the starter needs, all at once."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = dict(checks)

    async def ready(self, _: Request) -> Response:
        """200 when every part answers, else 503; the parts by name."""
        answers = await asyncio.gather(*(_answers(name, check) for name, check in self._checks.items()))
        parts = {name: "ok" if well else "away" for name, well in zip(self._checks, answers, strict=True)}
        if all(answers):
            return JSONResponse({"status": "ok", "parts": parts})
        return JSONResponse({"status": "not ready", "parts": parts}, 503)

    async def live(self, _: Request) -> Response:
        """200 as long as the process answers at all."""
        return JSONResponse({"status": "ok"})


async def _answers(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await check()
    except Exception as error:  # noqa: BLE001  whatever ails a part, it is away
        log.warning("%s is away: %s: %s", name, type(error).__name__, error)
        return False
    return True
