"""Doing in one go what is asked for at about the same time: one transaction for many, instead of one for each.

Nobody waits for company: what comes while a transaction is under way goes into the next, and alone it goes at once. A
transaction takes two milliseconds of a processor, whatever is in it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 64


class Together(Generic[T, R]):
    """`work` does a number of items, and gives their results in the same order; its error is that of each of them."""

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], most: int = MOST) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: T) -> R:
        """The item's result, once it is done. Whoever stops waiting doesn't stop it."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._working is None:
            self._working = asyncio.create_task(self._all())
        return await result

    async def _all(self) -> None:
        try:
            await self._one_after_another()
        finally:
            self._working = None

    async def _one_after_another(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                done = await self._work([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001  it is for each who asked
                for _, result in batch:
                    if not result.done():
                        result.set_exception(error)
            else:
                for (_, result), value in zip(batch, done, strict=True):
                    if not result.done():
                        result.set_result(value)
