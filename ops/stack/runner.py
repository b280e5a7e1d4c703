"""Brings the parts of a plan up in the order of their needs, watches them, and takes them down in reverse."""

import asyncio
import contextlib
import os
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from ops.errors import FarmError
from ops.stack import child, state
from ops.stack.board import Board
from ops.stack.child import Child
from ops.stack.plan import Launch, Plan
from ops.stack.ports import require_free
from ops.stack.readiness import until_ready
from ops.stack.state import PartState, StackState


class Stack:
    """A plan's processes, as a context: up when the block begins, gone when it ends.

    Entering raises FarmError when a port is taken or a part doesn't come up; nothing is left running then either.
    """

    def __init__(self, plan: Plan, board: Board) -> None:
        self.plan = plan
        self._board = board
        self._children: list[Child] = []
        self._ready = {name: asyncio.Event() for name in plan.launches}
        self._others_up = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: asyncio.Queue[FarmError] = asyncio.Queue()
        self._stopping = False
        self.state = _first_state(plan)

    async def __aenter__(self) -> Self:
        _require_stopped(self.plan)
        require_free(self.plan.claims, self.plan.offset)
        try:
            with self._board.watched():
                await self._bring_all_up()
        except BaseException:
            await self._take_all_down()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._take_all_down()

    async def next_failure(self) -> FarmError:
        """Waits until a part ends by itself, which none should."""
        return await self._failures.get()

    async def until_ready(self, name: str, seconds: float) -> bool:
        """Whether a part that nobody waited for is ready within so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ready[name].wait(), seconds)
        return self._ready[name].is_set()

    async def take_away(self, name: str) -> None:
        """Kill a part outright, and don't count it as a failure."""
        for gone in [each for each in self._children if each.launch.name == name]:
            self._children.remove(gone)
            await gone.kill()
            self._note(name, stage="stopped")

    async def bring_back(self, name: str) -> None:
        """Start a part that was taken away, on the same data and the same ports, and wait until it is ready."""
        await self._launch(self.plan.launches[name])

    async def _bring_all_up(self) -> None:
        for launch in self.plan.launches.values():
            self._note(launch.name)
        try:
            async with asyncio.TaskGroup() as group:
                for launch in self.plan.launches.values():
                    if launch.beside:
                        self._in_background(self._bring_up_beside(launch))
                    else:
                        group.create_task(self._bring_up(launch))
        except* FarmError as failures:
            raise failures.exceptions[0] from None
        self._others_up.set()
        self.state = self.state.model_copy(update={"ready": True})
        state.save(self.plan.instance, self.state)

    async def _bring_up(self, launch: Launch) -> None:
        for need in sorted(launch.needs):
            await self._ready[need].wait()
        await self._set_up(launch)
        await self._launch(launch)

    async def _bring_up_beside(self, launch: Launch) -> None:
        """What goes wrong with it is noted and no more: the main job does without it."""
        try:
            await self._set_up(launch)
            await self._others_up.wait()
            await self._launch(launch)
        except FarmError as error:
            self._note(launch.name, stage="ended", note=error.what.splitlines()[0])

    async def _set_up(self, launch: Launch) -> None:
        if launch.environment and not launch.environment.is_current():
            self._note(launch.name, stage="setting up")
            await launch.environment.set_up()

    async def _launch(self, launch: Launch) -> None:
        begun = time.monotonic()
        started = await child.start(launch)
        self._children.append(started)
        self._note(launch.name, stage="starting", process=state.process(started.pid))
        await self._until_up(started)
        self._note(launch.name, stage="done" if launch.once else "ready", seconds=time.monotonic() - begun)
        self._ready[launch.name].set()
        if not launch.once:
            self._in_background(self._watch(started))

    async def _until_up(self, started: Child) -> None:
        """FarmError when the part ends first, ends badly (if it is to end), or takes too long."""
        launch = started.launch
        ending = asyncio.create_task(started.ended())
        looking = asyncio.create_task(asyncio.Event().wait() if launch.once else until_ready(launch.ready))
        try:
            await asyncio.wait((ending, looking), timeout=launch.patience, return_when=asyncio.FIRST_COMPLETED)
            if ending.done() and not (launch.once and ending.result() == 0):
                raise _failed(launch, f"{_how(ending.result())} while starting")
            if not ending.done() and not looking.done():
                raise _failed(launch, f"is not ready after {launch.patience:.0f} s")
        finally:
            ending.cancel()
            looking.cancel()

    async def _watch(self, started: Child) -> None:
        status = await started.ended()
        if self._stopping or started not in self._children:
            return
        self._note(started.launch.name, stage="ended", note=_how(status))
        if not started.launch.beside:
            self._failures.put_nowait(_failed(started.launch, _how(status)))

    async def _take_all_down(self) -> None:
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with self._board.watched():
            for level in self._reverse_levels():
                await asyncio.gather(*(self._stop(each) for each in level))
        self.state = self.state.model_copy(update={"ready": False})
        state.save(self.plan.instance, self.state)

    def _reverse_levels(self) -> list[list[Child]]:
        """Those that need others go before what they need; the trace store last, to get everyone's last spans."""
        beside = [each for each in self._children if each.launch.beside]
        left = [each for each in self._children if not each.launch.beside]
        levels = []
        while left:
            needed = {need for each in left for need in each.launch.needs}
            levels.append([each for each in left if each.launch.name not in needed])
            left = [each for each in left if each.launch.name in needed]
        return [*levels, beside]

    async def _stop(self, started: Child) -> None:
        if started.status is None:
            self._note(started.launch.name, stage="stopping")
        await started.stop()
        if not started.launch.once:
            self._note(started.launch.name, stage="stopped")

    def _note(self, name: str, **changes: Any) -> None:
        """Keep what became of a part: for the board, and for other processes."""
        part = self.state.parts[name].model_copy(update=changes)
        self.state = self.state.model_copy(update={"parts": {**self.state.parts, name: part}})
        self._board.show(name, part)
        state.save(self.plan.instance, self.state)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _first_state(plan: Plan) -> StackState:
    return StackState(
        runner=state.process(os.getpid()),
        offset=plan.offset,
        started_at=datetime.now(UTC),
        store_url=plan.env.get("FARM_STORE_URL", ""),
        temporal_address=plan.env.get("TEMPORAL_ADDRESS", ""),
        gateway_store_url=plan.env.get("FARM_GATEWAY_STORE_URL", "") if "gateway" in plan.launches else "",
        parts={
            each.name: PartState(about=each.about, ready=each.ready, link=each.link, log=str(each.log))
            for each in plan.launches.values()
        },
    )


def _require_stopped(plan: Plan) -> None:
    if state.is_running(state.load(plan.instance)):
        raise FarmError(
            f"the stack {plan.instance.name!r} runs already",
            "./farm status shows it, ./farm down stops it.",
        )


def _failed(launch: Launch, how: str) -> FarmError:
    return FarmError(f"{launch.name} {how}. The end of {launch.log}:\n{child.last_lines(launch.log)}")


def _how(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with exit code {status}"
