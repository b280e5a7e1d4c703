"""The way to a role's vendor: so many at once, agents in turn, shut while the vendor wants none."""

import asyncio

import pytest

from gateway.door.gate import FAILURES_IN_A_ROW, FEWEST, HELD, Busy, Gate

SOON_S = 0.05


async def _enter(gate: Gate, agent: str, entered: list[str]) -> None:
    await gate.enter(agent)
    entered.append(agent)


async def _waiting(gate: Gate, *agents: str) -> tuple[list[str], list[asyncio.Task]]:
    """Calls of these agents, in this order, and who got in by now."""
    entered: list[str] = []
    tasks = [asyncio.create_task(_enter(gate, agent, entered)) for agent in agents]
    await asyncio.sleep(0)
    return entered, tasks


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_than_so_many_are_let_in():
    """The others wait until one leaves."""
    gate = Gate(2)
    entered, tasks = await _waiting(gate, *"abc")
    assert (entered, gate.under_way, gate.waiting) == (["a", "b"], 2, 1)
    gate.leave()
    await asyncio.gather(*tasks)
    assert (entered, gate.under_way, gate.waiting) == (["a", "b", "c"], 2, 0)


async def test_agents_come_in_turn():
    """Who has many waiting doesn't hold up who has few."""
    gate = Gate(1)
    entered, tasks = await _waiting(gate, "busy", *["busy"] * 6, *["quiet"] * 2)
    for _ in range(8):
        gate.leave()
        await _settled()
    assert entered == ["busy", "busy", "quiet", "busy", "quiet", "busy", "busy", "busy", "busy"]
    await asyncio.gather(*tasks)


async def test_newcomers_do_not_overtake():
    """In the moment in which the gate opens again, it is for those who wait before it."""
    now = [0.0]
    gate = Gate(1, clock=lambda: now[0])
    gate.refused(SOON_S)
    entered, tasks = await _waiting(gate, "b")
    now[0] = 1
    late, more = await _waiting(gate, "c")
    assert (entered, late) == ([], [])
    await asyncio.gather(*tasks)
    gate.leave()
    await asyncio.gather(*more)
    assert (entered, late) == (["b"], ["c"])


async def test_what_can_not_wait_is_told_when_to_come_back():
    """Each at a later moment than the one before it, so that they don't come back together."""
    gate = Gate(1)
    _, tasks = await _waiting(gate, "a", *["a"] * HELD)
    told = []
    for _ in range(5):
        with pytest.raises(Busy) as caught:
            await gate.enter("a")
        told.append(caught.value.retry_after_s)
    assert told == sorted(told)
    assert told[-1] - told[0] > 2
    for task in tasks:
        task.cancel()


async def test_a_call_that_waited_too_long_comes_back_later():
    """Its place is free again."""
    gate = Gate(1, hold_s=SOON_S)
    await gate.enter("a")
    with pytest.raises(Busy):
        await gate.enter("b")
    assert (gate.waiting, gate.under_way) == (0, 1)


async def test_a_vendor_that_has_too_much_is_left_alone_as_long_as_it_says():
    """Then who waits is let in."""
    gate = Gate(4)
    await gate.enter("a")
    gate.refused(SOON_S)
    gate.leave()
    entered, tasks = await _waiting(gate, "b")
    assert (entered, gate.shut_s > 0) == ([], True)
    await asyncio.gather(*tasks)
    assert (entered, gate.shut_s) == (["b"], 0)


async def test_fewer_are_let_in_where_the_vendor_had_too_much():
    """Half as many for each time, never fewer than a few; answers bring it up again, slowly."""
    now = [0.0]
    gate = Gate(64, clock=lambda: now[0])
    seen = []
    for _ in range(8):
        gate.refused(1)
        gate.refused(1)  # of the same burst: it says nothing new
        now[0] += 2
        seen.append(gate.at_once)
    assert seen == [32, 16, 8, 4, 2, FEWEST, FEWEST, FEWEST]
    for _ in range(3000):
        gate.answered()
    assert gate.at_once == 64


async def test_a_vendor_that_does_not_say_for_how_long_is_left_alone_for_longer_each_time():
    """Not for ever, either."""
    now = [0.0]
    gate = Gate(64, clock=lambda: now[0])
    shut = []
    for _ in range(8):
        gate.refused(None)
        shut.append(gate.shut_s)
        now[0] += gate.shut_s
    assert shut == [2, 4, 8, 16, 32, 60, 60, 60]


async def test_a_vendor_that_is_away_is_asked_by_one_call_at_a_time():
    """After failures in a row; the first answer opens the gate for all."""
    now = [0.0]
    gate = Gate(64, clock=lambda: now[0])
    for _ in range(FAILURES_IN_A_ROW):
        gate.failed()
    assert (gate.is_away, gate.shut_s, gate.at_once) == (True, 10, 1)
    now[0] += 10
    entered, tasks = await _waiting(gate, "a", "b")
    assert entered == ["a"]
    gate.answered()
    gate.leave()
    await asyncio.gather(*tasks)
    assert (gate.is_away, gate.at_once) == (False, 64)


async def test_single_failures_shut_nothing():
    """An answer in between, and the count begins anew."""
    gate = Gate(64)
    for _ in range(3 * FAILURES_IN_A_ROW):
        gate.failed()
        gate.answered()
    assert (gate.is_away, gate.shut_s) == (False, 0)


async def test_a_caller_that_goes_while_it_waits_leaves_no_hole():
    """Nor does one that goes in the moment in which its turn has come."""
    gate = Gate(1)
    await gate.enter("a")
    _, (first, second) = await _waiting(gate, "b", "c")
    first.cancel()
    await _settled()
    assert gate.waiting == 1
    gate.leave()
    second.cancel()
    await _settled()
    assert (gate.under_way, gate.waiting) == (0, 0)
