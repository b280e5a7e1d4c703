"""One logical call is paid once, whatever becomes of its callers, of the vendor and of the gateway."""

import asyncio
from contextlib import suppress

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gateway.vendor import House, Vendor

HOW = "x-farm-once"


def _script(*does: str):
    return lambda number: does[min(number, len(does)) - 1]


async def test_a_repeated_call_is_answered_from_what_was_kept():
    """Byte for byte, with the cost that was paid, and it says so; the vendor is asked once."""
    vendor = Vendor()
    house = House(vendor)
    first, again = await house.ask(), await house.ask()
    assert (first.headers[HOW], again.headers[HOW]) == ("paid", "kept")
    assert (again.content, again.headers["x-litellm-response-cost"]) == (first.content, "0.0042")
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "other", [{"call": "run-1/triage-2"}, {"said": "good day"}, {"key": "sk-bids"}, {"role": "insight"}]
)
async def test_another_call_is_another_answer(other):
    """Another step, another request, another caller: nothing is shared."""
    vendor = Vendor()
    house = House(vendor)
    first, second = await house.ask(), await house.ask(**other)
    assert (second.headers[HOW], len(vendor.asked)) == ("paid", 2)
    assert first.content != second.content


async def test_a_call_without_a_name_is_made_each_time():
    """Who names no logical call wants no memory."""
    vendor = Vendor()
    house = House(vendor)
    answers = [await house.ask(call="") for _ in range(2)]
    assert len(vendor.asked) == 2
    assert HOW not in answers[1].headers


async def test_a_stranger_gets_nothing_that_was_kept():
    """A key that isn't let in reaches the proxy, whose refusal it is to give."""
    vendor = Vendor(_script("answer", "401"))
    house = House(vendor)
    await house.ask()
    assert (await house.ask(key="stolen")).status_code == 401
    assert len(vendor.asked) == 2


async def test_a_concurrent_duplicate_joins_the_call_under_way():
    """Both have the one answer; the second says that it joined."""
    vendor = Vendor(_script("slow"))
    house = House(vendor)
    first, second = await asyncio.gather(house.ask(), house.ask())
    assert first.content == second.content
    assert (first.headers[HOW], second.headers[HOW], len(vendor.asked)) == ("paid", "joined", 1)


@pytest.mark.parametrize("does", ["slow", "stream"])
async def test_a_caller_that_dies_leaves_its_answer_behind(does):
    """The call goes on without it, and whoever asks again is answered from what came of it."""
    vendor = Vendor(_script(does))
    house = House(vendor)
    vendor.going.clear()
    caller = asyncio.create_task(house.ask())
    await vendor.reached.wait()
    caller.cancel()
    with suppress(asyncio.CancelledError):
        await caller
    vendor.going.set()
    again = await house.ask()
    assert (again.status_code, len(vendor.asked)) == (200, 1)


@pytest.mark.parametrize("does", ["500", "429", "400", "broken stream", "cut", "cut stream", "raise"])
async def test_a_failure_is_never_kept(does):
    """What brought no answer is asked anew."""
    vendor = Vendor(_script(does, "answer"))
    house = House(vendor)
    with suppress(httpx.HTTPError):
        await house.ask()
    again = await house.ask()
    assert (again.status_code, again.headers[HOW], len(vendor.asked)) == (200, "paid", 2)


async def test_a_proxy_that_breaks_is_a_passing_failure():
    """A bug's exception is a 500 for every caller, and not silence."""
    vendor = Vendor(_script("raise"))
    assert (await House(vendor).ask()).status_code == 500


async def test_an_answer_outlives_the_gateway(tmp_path):
    """With a file, a gateway that was started again knows what its forerunner paid for."""
    file, vendor = str(tmp_path / "kept.db"), Vendor()
    before = House(vendor, file)
    first = await before.ask()
    before.close()
    after = House(vendor, file)
    assert (await after.ask()).content == first.content
    assert len(vendor.asked) == 1
    after.close()


async def test_a_gateway_that_stops_lets_its_calls_end(tmp_path):
    """A call whose caller is gone is still paid for: its answer is kept before the lights go out."""
    vendor = Vendor(_script("slow"))
    house = House(vendor, str(tmp_path / "kept.db"))
    caller = asyncio.create_task(house.ask())
    await vendor.reached.wait()
    caller.cancel()
    await house.front._once.settle(5)
    assert (await house.ask()).headers[HOW] == "kept"


async def test_a_disk_that_fails_costs_an_answer_and_no_call():
    """Without a place to keep it the answer is given all the same."""
    vendor = Vendor()
    house = House(vendor)
    house.kept._sql.execute("DROP TABLE kept")
    assert [(await house.ask()).status_code for _ in range(2)] == [200, 200]


ACTS = st.sampled_from(
    ["answer", "slow", "stream", "500", "529", "429", "400", "cut", "cut stream", "broken stream", "raise"]
)
WHOLE = (b"msg_", b"message_stop")
"""One of them is in every answer that is one."""

CALLERS = st.lists(st.sampled_from(["waits", "dies", "twice", "gateway restarts"]), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(acts=st.lists(ACTS, min_size=1, max_size=8), callers=CALLERS)
def test_one_logical_call_is_paid_once_whatever_happens(acts, callers):
    """Errors, cuts, slowness, dying callers, duplicates, restarts: at most one answer is paid, and all get that one."""
    vendor, answers = asyncio.run(_live(acts, callers))
    assert vendor.answered <= 1
    assert len({answer.content for answer in answers if any(word in answer.content for word in WHOLE)}) <= 1


async def _live(acts: list[str], callers: list[str]) -> tuple[Vendor, list[httpx.Response]]:
    vendor = Vendor(_script(*acts))
    house, answers = House(vendor), []
    for caller in callers:
        attempts = [asyncio.create_task(house.ask()) for _ in range(2 if caller == "twice" else 1)]
        if caller == "dies":
            await asyncio.sleep(0.001)
            attempts[0].cancel()
        ended = await asyncio.gather(*attempts, return_exceptions=True)
        answers += [each for each in ended if isinstance(each, httpx.Response)]
        if caller == "gateway restarts":
            await house.front._once.settle(5)
            house = House(vendor, kept=house.kept)  # as from a file, which outlives it
    await house.front._once.settle(5)
    house.close()
    return vendor, answers
