"""What is asked at about the same time is done in one go."""

import asyncio
from collections.abc import Sequence

import pytest

from store.together import Together


class Slow:
    """Doubles numbers, and takes a while over each lot."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.going = asyncio.Event()

    async def double(self, numbers: Sequence[int]) -> Sequence[int]:
        self.lots.append(list(numbers))
        await self.going.wait()
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


async def test_what_comes_while_one_is_under_way_goes_together() -> None:
    """The first goes at once and alone; the others share the next, and each gets its own result."""
    slow = Slow()
    together = Together(slow.double)
    asked = [asyncio.create_task(together.do(number)) for number in range(5)]
    first = asyncio.create_task(together.do(5))
    await asyncio.sleep(0)
    slow.going.set()
    assert await asyncio.gather(*asked, first) == [0, 2, 4, 6, 8, 10]
    assert [number for lot in slow.lots for number in lot] == [0, 1, 2, 3, 4, 5]
    assert len(slow.lots) < 4


async def test_no_lot_is_larger_than_it_may_be() -> None:
    """A database takes only so many values in a statement."""
    slow = Slow()
    slow.going.set()
    together = Together(slow.double, most=3)
    assert await asyncio.gather(*(together.do(number) for number in range(8))) == [2 * number for number in range(8)]
    assert max(map(len, slow.lots)) <= 3


async def test_an_error_is_each_ones_of_its_lot_and_nobody_elses() -> None:
    """The next lot goes on."""
    slow = Slow()
    slow.going.set()
    together = Together(slow.double, most=2)
    found = await asyncio.gather(*(together.do(number) for number in (12, 13, 14, 15)), return_exceptions=True)
    assert [type(each) for each in found] == [ValueError, ValueError, int, int]
    assert await together.do(1) == 2


async def test_who_stops_waiting_stops_nothing() -> None:
    """A request that ran out of time leaves the others of its lot alone."""
    slow = Slow()
    together = Together(slow.double)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await together.do(1)
    other = asyncio.create_task(together.do(2))
    slow.going.set()
    assert await other == 4
