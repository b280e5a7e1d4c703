"""The end of a starter: not ready first, so that nobody new is sent here; then no new connections; then no process."""

import asyncio
import signal
from dataclasses import dataclass
from types import FrameType

import uvicorn

GRACE_S = 12
"""Seconds for what is in flight: a body may take 5, Temporal 2, the store 5."""


@dataclass
class Draining:
    """Whether the end has begun."""

    begun: bool = False


class Server(uvicorn.Server):
    """uvicorn, which on SIGTERM goes on answering for `lead_s` while `/readyz` says no. A second signal ends that."""

    def __init__(self, config: uvicorn.Config, draining: Draining, lead_s: float) -> None:
        super().__init__(config)
        self._draining = draining
        self._lead_s = lead_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain. Called amid anything, as signal handlers are."""
        if self._draining.begun or sig != signal.SIGTERM or not self._lead_s:
            self._draining.begun = True
            super().handle_exit(sig, frame)
            return
        self._draining.begun = True
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(loop.call_later, self._lead_s, super().handle_exit, sig, None)
