"""Trip wires around what a worker calls: the same parts as in production, which die at a boundary when it is due."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from activities.mcp import Outcome, ToolServers
from contracts.calls import ToolCall
from gateway.calls.call import Answer, Call
from gateway.calls.client import Gateway
from ops.drill.book import Book
from ops.drill.boundaries import Boundary

SOON_S = (0.002, 0.06)
"""How long after its start a call is cut short in the middle."""


class Wires:
    """A process's wires, and the tool calls that it has under way."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._turns: Counter[tuple[str, str]] = Counter()

    def trip(self, boundary: Boundary, run: str, step: str) -> None:
        """Die here, if this boundary is due: as a process dies that loses its machine."""
        if self.book.strike(boundary, run, step):
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def during(self, boundary: Boundary, run: str, step: str) -> Iterator[None]:
        """Trip at some moment of the block, if it lasts that long."""
        after = random.uniform(*SOON_S)  # noqa: S311  no secret
        timer = asyncio.get_running_loop().call_later(after, self.trip, boundary, run, step)
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def in_turn(self, run: str, step: str) -> Iterator[None]:
        """Count a tool call among those of its model turn: `orchestrate-2.1` and `orchestrate-2.2` are of one."""
        turn = (run, step.rpartition(".")[0])
        self._turns[turn] += 1
        try:
            yield
        finally:
            self._turns[turn] -= 1

    def has_siblings(self, run: str, step: str) -> bool:
        """Whether another call of the same turn is under way in this process."""
        turn = step.rpartition(".")[0]
        return bool(turn) and self._turns[run, turn] > 1


class WiredGateway(Gateway):
    """The gateway's client with wires before, during and after a model call."""

    def __init__(self, url: str, key: str, wires: Wires) -> None:
        super().__init__(url, key)
        self._wires = wires

    async def complete(self, call: Call) -> Answer:
        run = call.tags["run"]
        step = call.call_id.removeprefix(f"{run}/")
        self._wires.trip(Boundary.BEFORE_MODEL, run, step)
        with self._wires.during(Boundary.DURING_MODEL, run, step):
            answer = await super().complete(call)
        self._wires.trip(Boundary.AFTER_MODEL, run, step)
        return answer


class WiredServers(ToolServers):
    """The tool servers' client with wires around an effect, and among the calls of one turn."""

    def __init__(self, addresses: dict[str, Any], wires: Wires) -> None:
        super().__init__(addresses)
        self._wires = wires

    async def call(self, call: ToolCall) -> Outcome:
        with self._wires.in_turn(call.site.run, call.site.step):
            return await (self._effect(call) if call.effect_key else self._read(call))

    async def _read(self, call: ToolCall) -> Outcome:
        outcome = await super().call(call)
        self._among_siblings(call)
        return outcome

    async def _effect(self, call: ToolCall) -> Outcome:
        run, step = call.site.run, call.site.step
        self._wires.trip(Boundary.BEFORE_EFFECT, run, step)
        with self._wires.during(Boundary.DURING_EFFECT, run, step):
            outcome = await super().call(call)
        self._among_siblings(call)
        self._wires.trip(Boundary.AFTER_EFFECT, run, step)
        return outcome

    def _among_siblings(self, call: ToolCall) -> None:
        if self._wires.has_siblings(call.site.run, call.site.step):
            self._wires.trip(Boundary.IN_BATCH, call.site.run, call.site.step)
