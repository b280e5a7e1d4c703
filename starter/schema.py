"""The store's schema, brought up to date as soon as the store lets us: it may come later than the starter."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from starter.unforeseen import log_unforeseen

log = logging.getLogger(__name__)

AWAY = (SQLAlchemyError, OSError)

AT_THE_START_S = 3.0
"""So long the door waits for it, and then opens: events go to Temporal until the store is there."""

AGAIN_S = 2.0


class Schema:
    """`migrate` until it went well, once."""

    def __init__(self, migrate: Callable[[], Awaitable[None]], again_s: float = AGAIN_S) -> None:
        self._migrate = migrate
        self._again_s = again_s
        self.is_current = False

    async def begin(self, patience_s: float = AT_THE_START_S) -> "asyncio.Task[None]":
        """The task that sees to it, for the caller to cancel. What is no outage is raised here, within the patience."""
        first = asyncio.create_task(self._try())
        seeing_to_it = asyncio.create_task(self._see_to_it(first))
        await asyncio.wait([first], timeout=patience_s)
        if first.done() and (error := first.exception()) and not isinstance(error, AWAY):
            seeing_to_it.cancel()
            raise error
        return seeing_to_it

    async def _see_to_it(self, trying: "asyncio.Task[None]") -> None:
        while not self.is_current:
            try:
                await trying
            except AWAY as error:
                log.warning("the store is away, and its schema isn't known to be ours: %s", type(error).__name__)
            except Exception as error:  # noqa: BLE001  the door is open by now, and goes on without the store
                log_unforeseen("the store's schema wasn't brought up to date", error)
            else:
                return
            await asyncio.sleep(self._again_s)
            trying = asyncio.create_task(self._try())

    async def _try(self) -> None:
        await self._migrate()
        self.is_current = True
        log.info("the store's schema is up to date")
